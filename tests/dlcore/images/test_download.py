"""The download against a server of ours on 127.0.0.1: a file comes whole and checked, or not at all."""

from __future__ import annotations

import gc
import hashlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dlcore.images import download
from dlcore.images.download import Download, DownloadError, File

CONTENT = bytes(range(256)) * 1000  # some chunks
Answer = Callable[[BaseHTTPRequestHandler], None]


def file_of(content: bytes, name: str = "a.gz") -> File:
    return File(name, len(content), hashlib.md5(content).hexdigest())


WANTED = file_of(CONTENT)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], str]]:
    """`serve(answer)`: the address of a server that gives every GET this answer."""
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
    """Answers with ``body``, and says that it has ``said`` bytes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body) if said is None else said))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def status(code: int, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in {"Content-Length": "0", **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()

    return answer


def silence(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(0.5)


def nowhere() -> str:
    """An address at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/"


def fetch(folder: Path, *mirrors: str, files: tuple[File, ...] = (WANTED,)) -> Download:
    task = Download(files, folder, mirrors, timeout=0.2)
    while task.step():
        pass
    return task


def refused(folder: Path, *mirrors: str) -> DownloadError:
    """What is said when it fails; nothing is left behind."""
    with pytest.raises(DownloadError) as caught:
        fetch(folder, *mirrors)
    assert not folder.is_dir() or list(folder.iterdir()) == []
    assert download.missing((WANTED,), folder) == [WANTED]
    return caught.value


def test_a_complete_file(serve: Callable[[Answer], str], tmp_path: Path) -> None:
    folder = tmp_path / "new" / "cache"
    task = Download((WANTED,), folder, (serve(content(CONTENT)),))
    seen = []
    while task.step():
        seen.append(task.done)
        assert not (folder / WANTED.name).exists(), "half a file under its own name"
    assert seen == sorted(set(seen))
    assert seen[-1] == task.done == task.total == len(CONTENT)
    assert [path.name for path in folder.iterdir()] == [WANTED.name]
    assert download.read(WANTED, folder) == CONTENT
    assert download.missing((WANTED,), folder) == []


def test_what_is_cached_is_not_fetched_again(serve: Callable[[Answer], str], tmp_path: Path) -> None:
    (tmp_path / WANTED.name).write_bytes(CONTENT)
    other = file_of(b"other", "b.gz")
    asked: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        content(b"other")(handler)

    task = fetch(tmp_path, serve(answer), files=(WANTED, other))
    assert (asked, task.total) == (["/b.gz"], 5)
    assert fetch(tmp_path, nowhere(), files=(WANTED, other)).total == 0


@pytest.mark.parametrize("said", [None, len(CONTENT)], ids=["honest length", "promised length"])
def test_truncated(serve: Callable[[Answer], str], tmp_path: Path, said: int | None) -> None:
    error = refused(tmp_path, serve(content(CONTENT[:-7], said=said)))
    assert (error.rule, error.limits["high"]) == ("truncated", len(CONTENT))
    if said is None:
        assert error.limits["got"] == len(CONTENT) - 7


def test_wrong_hash(serve: Callable[[Answer], str], tmp_path: Path) -> None:
    error = refused(tmp_path, serve(content(CONTENT[::-1])))
    assert (error.rule, error.limits["expected"]) == ("wrong_hash", WANTED.md5)


def test_too_large(serve: Callable[[Answer], str], tmp_path: Path) -> None:
    assert refused(tmp_path, serve(content(CONTENT + b"!"))).rule == "too_large"


@pytest.mark.parametrize("code", [404, 500, 403])
def test_status(serve: Callable[[Answer], str], tmp_path: Path, code: int) -> None:
    error = refused(tmp_path, serve(status(code)))
    assert (error.rule, error.limits) == ("http_status", {"host": "127.0.0.1", "got": code})


def test_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, nowhere())
    assert (error.rule, error.limits["host"]) == ("refused", "127.0.0.1")


def test_timeout(serve: Callable[[Answer], str], tmp_path: Path) -> None:
    error = refused(tmp_path, serve(silence))
    assert (error.rule, error.limits["high"]) == ("timeout", 0.2)


def test_timeout_in_the_middle(serve: Callable[[Answer], str], tmp_path: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        content(CONTENT[:1000], said=len(CONTENT))(handler)
        time.sleep(0.5)

    assert refused(tmp_path, serve(answer)).rule == "timeout"


def test_only_http(serve: Callable[[Answer], str], tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / WANTED.name).write_bytes(CONTENT)
    folder = tmp_path / "cache"
    assert refused(folder, f"file://{source}/").rule == "refused"
    for to in (f"file://{source}/{WANTED.name}", "ftp://127.0.0.1/a.gz"):
        assert refused(folder, serve(status(302, Location=to))).rule in ("refused", "http_status")


def test_redirects_and_mirrors(serve: Callable[[Answer], str], tmp_path: Path) -> None:
    good = serve(content(CONTENT))
    fetch(tmp_path / "a", serve(status(302, Location=good)))
    assert download.missing((WANTED,), tmp_path / "a") == []
    fetch(tmp_path / "b", nowhere(), serve(status(404)), serve(content(CONTENT[:9])), good)
    assert [path.name for path in (tmp_path / "b").iterdir()] == [WANTED.name]
    assert refused(tmp_path / "c", nowhere(), serve(status(404))).rule == "http_status"  # the last one's reason


def test_stopped_in_the_middle(serve: Callable[[Answer], str], tmp_path: Path) -> None:
    task = Download((WANTED,), tmp_path, (serve(content(CONTENT)),))
    assert task.step()
    assert len(list(tmp_path.iterdir())) == 1
    task.stop()
    assert list(tmp_path.iterdir()) == []
    assert not task.step()


def test_stopped_while_another_thread_waits(serve: Callable[[Answer], str], tmp_path: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        content(CONTENT[:1000], said=len(CONTENT))(handler)
        time.sleep(0.3)

    task = Download((WANTED,), tmp_path, (serve(answer),), timeout=5)
    assert task.step()
    steps: list[bool] = []
    waiting = threading.Thread(target=lambda: steps.append(task.step()))
    waiting.start()
    time.sleep(0.05)
    began = time.monotonic()
    task.stop()
    assert time.monotonic() - began < 0.2, "it waited for the network"
    waiting.join()
    assert steps == [False]
    assert not task.step()
    assert list(tmp_path.iterdir()) == []


def test_forgotten_in_the_middle(serve: Callable[[Answer], str], tmp_path: Path) -> None:
    """A session that ends takes its download along."""
    task = Download((WANTED,), tmp_path, (serve(content(CONTENT)),))
    assert task.step()
    del task
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_cleared(serve: Callable[[Answer], str], tmp_path: Path) -> None:
    old, young = tmp_path / "x.old.part", tmp_path / "x.young.part"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    fetch(tmp_path, serve(content(CONTENT)))
    assert sorted(path.name for path in tmp_path.iterdir()) == [WANTED.name, young.name]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DownloadError) as caught:
        fetch(tmp_path / "file" / "cache", nowhere())
    assert caught.value.rule == "not_writable"


def test_a_spoilt_cache_is_noticed_and_cleared(tmp_path: Path) -> None:
    (tmp_path / WANTED.name).write_bytes(CONTENT[::-1])
    assert download.missing((WANTED,), tmp_path) == []
    with pytest.raises(DownloadError, match="MD5"):
        download.read(WANTED, tmp_path)
    assert download.missing((WANTED,), tmp_path) == [WANTED]


def test_the_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert download.cache_folder().is_relative_to(tmp_path)
    for value in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert download.cache_folder().is_relative_to(Path.home() / ".cache")


def test_what_is_published() -> None:
    assert all(mirror.startswith(("http://", "https://")) and mirror.endswith("/") for mirror in download.MIRRORS)
    assert all(len(file.md5) == 32 and file.size > 0 for file in download.FASHION)
    assert sum(file.size for file in download.FASHION) == 30_878_645
