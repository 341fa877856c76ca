"""Downloads from a local server: a file arrives complete and verified, or not at all."""

from __future__ import annotations

import errno
import gc
import hashlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pooch
import pytest

from dlcore.images import download
from dlcore.images.download import Download, DownloadError, File

CONTENT = bytes(range(256)) * 1000  # several chunks
Answer = Callable[[BaseHTTPRequestHandler], None]
Serve = Callable[[Answer], str]


def file_of(content: bytes, name: str = "a.gz") -> File:
    return File(name, len(content), hashlib.md5(content).hexdigest())


WANTED = file_of(CONTENT)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return `serve(answer)`, which starts a server with this answer to every GET and returns its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer(self)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def content(body: bytes, *, said: int | None = None) -> Answer:
    """Return an answer of ``body`` with the Content-Length ``said``."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body) if said is None else said))
        handler.end_headers()
        with suppress(ConnectionError):  # the client closed the connection
            handler.wfile.write(body)

    return answer


def status(code: int, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in {"Content-Length": "0", **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()

    return answer


@pytest.fixture
def later() -> Iterator[threading.Event]:
    """Return an event that a server waits for; it is set at the end of the test at the latest."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def slow(later: threading.Event) -> Answer:
    """Return an answer that sends half of the content, and the rest once ``later`` is set."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        half = len(CONTENT) // 2
        content(CONTENT[:half], said=len(CONTENT))(handler)
        later.wait()
        with suppress(ConnectionError):
            handler.wfile.write(CONTENT[half:])

    return answer


def nowhere() -> str:
    """Return the address of a closed port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/"


def fetch(folder: Path, *mirrors: str, files: tuple[File, ...] = (WANTED,), timeout: float = 30) -> Download:
    task = Download(files, folder, mirrors, timeout=timeout)
    while task.wait(1):
        pass
    return task


def refused(folder: Path, *mirrors: str, timeout: float = 30) -> DownloadError:
    """Return the error of a failing download, and check that it leaves no file behind."""
    with pytest.raises(DownloadError) as caught:
        fetch(folder, *mirrors, timeout=timeout)
    assert not folder.is_dir() or list(folder.iterdir()) == []
    assert download.missing((WANTED,), folder) == [WANTED]
    return caught.value


def until_half(task: Download) -> None:
    while not task.done:
        assert task.wait(0.01)


def test_a_complete_file_appears_in_the_folder(
    serve: Serve, slow: Answer, later: threading.Event, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "cache"
    task = Download((WANTED,), folder, (serve(slow),))
    until_half(task)
    assert (task.name, task.host, task.total) == (WANTED.name, "127.0.0.1", len(CONTENT))
    assert 0 < task.done < task.total
    assert not (folder / WANTED.name).exists(), "half a file under its own name"
    later.set()
    while task.wait(1):
        pass
    assert task.done == task.total
    assert [path.name for path in folder.iterdir()] == [WANTED.name]
    assert download.read(WANTED, folder) == CONTENT
    assert download.missing((WANTED,), folder) == []


def test_a_cached_file_is_not_downloaded_again(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / WANTED.name).write_bytes(CONTENT)
    other = file_of(b"other", "b.gz")
    asked: list[tuple[str, str | None]] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append((handler.path, handler.headers["Accept-Encoding"]))
        content(b"other")(handler)

    task = fetch(tmp_path, serve(answer), files=(WANTED, other))
    assert (asked, task.total) == ([("/b.gz", "identity")], 5)
    assert fetch(tmp_path, nowhere(), files=(WANTED, other)).total == 0


@pytest.mark.parametrize(
    ("body", "said", "rule"),
    [
        (CONTENT[:-7], None, "wrong_hash"),
        (CONTENT[:-7], len(CONTENT), "refused"),
        (CONTENT[::-1], None, "wrong_hash"),
        (CONTENT * 2, None, "wrong_hash"),
    ],
    ids=["short", "cut off", "another", "long"],
)
def test_wrong_content_is_rejected(serve: Serve, tmp_path: Path, body: bytes, said: int | None, rule: str) -> None:
    error = refused(tmp_path, serve(content(body, said=said)))
    assert error.rule == rule
    if rule == "wrong_hash":
        assert error.limits == {"name": WANTED.name, "expected": WANTED.md5}


def test_endless_content_is_cut_off(serve: Serve, later: threading.Event, tmp_path: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        content(CONTENT * 2, said=10**12)(handler)
        later.wait()

    assert refused(tmp_path, serve(answer)).rule == "wrong_hash"


@pytest.mark.parametrize("code", [404, 500, 403])
def test_an_http_error_is_reported(serve: Serve, tmp_path: Path, code: int) -> None:
    error = refused(tmp_path, serve(status(code)))
    assert (error.rule, error.limits) == ("http_status", {"host": "127.0.0.1", "got": code})


def test_a_closed_port_is_reported(tmp_path: Path) -> None:
    error = refused(tmp_path, nowhere())
    assert (error.rule, error.limits) == ("refused", {"host": "127.0.0.1", "reason": os.strerror(errno.ECONNREFUSED)})


def test_a_silent_server_is_a_timeout(serve: Serve, later: threading.Event, tmp_path: Path) -> None:
    error = refused(tmp_path, serve(lambda _: later.wait() and None), timeout=0.2)
    assert (error.rule, error.limits) == ("timeout", {"host": "127.0.0.1", "max": 0.2})


def test_a_stalled_download_is_a_timeout(serve: Serve, slow: Answer, tmp_path: Path) -> None:
    assert refused(tmp_path, serve(slow), timeout=0.2).rule == "timeout"


def test_only_http_mirrors_are_used(serve: Serve, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / WANTED.name).write_bytes(CONTENT)
    folder = tmp_path / "cache"
    assert refused(folder, f"file://{source}/").rule == "refused"
    for to in (f"file://{source}/{WANTED.name}", "ftp://127.0.0.1/a.gz"):
        assert refused(folder, serve(status(302, Location=to))).rule == "refused"


def test_redirects_are_followed_and_mirrors_tried_in_order(serve: Serve, tmp_path: Path) -> None:
    good = serve(content(CONTENT))
    fetch(tmp_path / "a", serve(status(302, Location=good)))
    assert download.missing((WANTED,), tmp_path / "a") == []
    task = fetch(tmp_path / "b", nowhere(), serve(status(404)), serve(content(CONTENT[:9])), good)
    assert [path.name for path in (tmp_path / "b").iterdir()] == [WANTED.name]
    assert task.done == task.total
    assert refused(tmp_path / "c", nowhere(), serve(status(404))).rule == "http_status"  # the error of the last mirror


def ended(task: Download) -> None:
    while task.wait(1):
        pass


def test_stop_does_not_wait_for_the_network(serve: Serve, slow: Answer, later: threading.Event, tmp_path: Path) -> None:
    task = Download((WANTED,), tmp_path, (serve(slow),))
    until_half(task)
    task.stop()  # would hang if it waited for the network
    later.set()
    ended(task)
    assert list(tmp_path.iterdir()) == []


def test_a_stopped_download_tries_no_other_mirror(serve: Serve, later: threading.Event, tmp_path: Path) -> None:
    asked: list[str] = []
    silent, other = serve(lambda _: later.wait() and None), serve(lambda handler: asked.append(handler.path))
    task = Download((WANTED,), tmp_path, (silent, other), timeout=0.2)
    task.stop()
    ended(task)
    assert list(tmp_path.iterdir()) == []
    assert asked == []


def test_a_forgotten_download_stops(serve: Serve, slow: Answer, later: threading.Event, tmp_path: Path) -> None:
    """The download stops when the session that holds it ends."""
    task = Download((WANTED,), tmp_path, (serve(slow),))
    until_half(task)
    thread = task._thread
    del task
    gc.collect()
    later.set()
    thread.join()
    assert list(tmp_path.iterdir()) == []


def test_two_sessions_can_download_at_once(serve: Serve, slow: Answer, later: threading.Event, tmp_path: Path) -> None:
    url = serve(slow)
    tasks = [Download((WANTED,), tmp_path, (url,)) for _ in range(2)]
    for task in tasks:
        until_half(task)
    assert len(list(tmp_path.iterdir())) == 2
    later.set()
    for task in tasks:
        ended(task)
    assert [path.name for path in tmp_path.iterdir()] == [WANTED.name]
    assert download.read(WANTED, tmp_path) == CONTENT


def test_temporary_files_of_a_killed_process_are_removed(serve: Serve, tmp_path: Path) -> None:
    with pooch.utils.temporary_file(tmp_path) as young:
        old = tmp_path / Path(young).name.replace("tmp", "tmp_", 1)
        old.write_bytes(b"half")
        os.utime(old, (1e9, 1e9))
        fetch(tmp_path, serve(content(CONTENT)))
        assert {path.name for path in tmp_path.iterdir()} == {WANTED.name, Path(young).name}


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DownloadError) as caught:
        fetch(tmp_path / "file" / "cache", nowhere(), nowhere())
    assert caught.value.rule == "not_writable"


def test_a_full_disk_is_reported(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def full(*_: object, **__: object) -> None:
        asked.append("")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("requests.get", full)
    error = refused(tmp_path, nowhere(), nowhere())
    assert (error.rule, error.limits) == ("not_writable", {"reason": os.strerror(errno.ENOSPC)})
    assert len(asked) == 1, "another mirror does not help"


def test_a_corrupt_cached_file_is_removed(tmp_path: Path) -> None:
    (tmp_path / WANTED.name).write_bytes(CONTENT[::-1])
    assert download.missing((WANTED,), tmp_path) == []
    with pytest.raises(DownloadError, match="MD5"):
        download.read(WANTED, tmp_path)
    assert download.missing((WANTED,), tmp_path) == [WANTED]


def test_the_published_files_and_mirrors() -> None:
    assert all(mirror.startswith(("http://", "https://")) and mirror.endswith("/") for mirror in download.MIRRORS)
    assert all(len(file.md5) == 32 and file.size > 0 for file in download.FASHION)
    assert sum(file.size for file in download.FASHION) == 30_878_645
