"""Download Fashion-MNIST with pooch: each file arrives complete and verified, or not at all.

Files, sizes and MD5 sums are those of https://github.com/zalandoresearch/fashion-mnist.
"""

from __future__ import annotations

import hashlib
import threading
import time
import weakref
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final
from urllib.parse import urlsplit

import pooch
import requests

from dlcore.settings.errors import InputError


@dataclass(frozen=True, slots=True)
class File:
    """A file: its name below a mirror's address, its size in bytes and its MD5 sum."""

    name: str
    size: int
    md5: str


FASHION: Final = (
    File("train-images-idx3-ubyte.gz", 26421880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
    File("train-labels-idx1-ubyte.gz", 29515, "25c81989df183df01b3e8a0aad5dffbe"),
    File("t10k-images-idx3-ubyte.gz", 4422102, "bef4ecab320f06d8554ea6380940ec79"),
    File("t10k-labels-idx1-ubyte.gz", 5148, "bb300cfdad3c16e7a12a480ee83cd310"),
)
MIRRORS: Final = (  # tried in this order, file by file
    "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
)
PROJECT: Final = "deep-learning-playground"  # folder name in the user's cache
TIMEOUT: Final = 10.0  # seconds without data
_CHUNK: Final = 1 << 16
_STALE: Final = 3600.0  # seconds after which a temporary file must belong to a killed process


class DownloadError(InputError):
    """A downloaded or cached file cannot be used."""

    WORDS: ClassVar = "images.problem"
    RULES: ClassVar = {
        "refused": "the connection to {host} failed: {reason}",
        "http_status": "{host} must answer with 200, got {got}",
        "wrong_hash": "{name} must have the MD5 sum {expected}, and has another",
        "timeout": "{host} must answer within {max} seconds",
        "not_writable": "the cache folder must be writable: {reason}",
    }


def cache_folder() -> Path:
    """Return the folder of the files in the user's cache."""
    return Path(pooch.os_cache(PROJECT)) / "fashion-mnist"


def missing(files: Sequence[File], folder: Path) -> list[File]:
    """Return the files that ``folder`` does not have in full size."""
    return [file for file in files if not _has(folder / file.name, file.size)]


def _has(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False


def read(file: File, folder: Path) -> bytes:
    """Return the bytes of a cached file; remove the file if it is corrupt.

    Raises
    ------
    DownloadError : the MD5 sum is wrong.
    """
    path = folder / file.name
    content = path.read_bytes()
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != file.md5:
        path.unlink(missing_ok=True)
        raise DownloadError("wrong_hash", name=file.name, expected=file.md5)
    return content


class _StopError(Exception):
    """The download was stopped."""


class _Progress:
    """State shared by the page and the download thread."""

    def __init__(self, files: Sequence[File], host: str) -> None:
        self.files = files
        self.file = files[0] if files else File("", 0, "")  # in progress
        self.host = host
        self.complete = 0  # bytes of the completed files
        self.done = 0  # bytes received, those of the file in progress included
        self.stopped = threading.Event()
        self.error: Exception | None = None


class Download:
    """A thread that downloads the missing ``files`` until :meth:`stop`, or until this object is garbage-collected.

    A file appears in ``folder`` once it is complete and its MD5 sum is right; a failure leaves nothing behind.

    Parameters
    ----------
    mirrors : http or https addresses that end in a slash, tried in order for each file.
    timeout : seconds to wait for the network.
    """

    def __init__(
        self, files: Sequence[File], folder: Path, mirrors: Sequence[str], *, timeout: float = TIMEOUT
    ) -> None:
        wanted = missing(files, folder)
        self.total = sum(file.size for file in wanted)  # bytes
        self._progress = _Progress(wanted, _host(mirrors[0]))
        self._thread = threading.Thread(
            target=_fetch, args=(self._progress, folder, mirrors, timeout), name="download", daemon=True
        )
        weakref.finalize(self, self._progress.stopped.set)
        self._thread.start()

    @property
    def done(self) -> int:
        """Return the number of bytes received."""
        return self._progress.done

    @property
    def name(self) -> str:
        """Return the name of the file in progress."""
        return self._progress.file.name

    @property
    def host(self) -> str:
        """Return the host of the file in progress."""
        return self._progress.host

    def wait(self, seconds: float) -> bool:
        """Wait at most ``seconds``; return whether the download is still in progress.

        Raises
        ------
        DownloadError : every mirror failed for a file, which ended the download.
        """
        self._thread.join(seconds)
        if self._thread.is_alive():
            return True
        if self._progress.error and not self._progress.stopped.is_set():
            raise self._progress.error
        return False

    def stop(self) -> None:
        """Stop the download without waiting; the thread cleans up."""
        self._progress.stopped.set()


def _fetch(progress: _Progress, folder: Path, mirrors: Sequence[str], timeout: float) -> None:
    try:
        _clear(folder)
        for file in progress.files:
            _fetch_file(progress, file, folder, mirrors, timeout)
            progress.complete += file.size
    except _StopError:
        pass
    except Exception as error:
        progress.error = error  # for wait()


def _fetch_file(progress: _Progress, file: File, folder: Path, mirrors: Sequence[str], timeout: float) -> None:
    """Download one file from the first mirror that has it; raise the error of the last mirror."""
    for i, mirror in enumerate(mirrors, 1):
        if progress.stopped.is_set():
            raise _StopError
        progress.file, progress.host, progress.done = file, _host(mirror), progress.complete
        try:
            _fetch_from(mirror, progress, file, folder, timeout)
            return
        except DownloadError as error:
            if i == len(mirrors) or error.rule == "not_writable":
                raise


def _fetch_from(mirror: str, progress: _Progress, file: File, folder: Path, timeout: float) -> None:
    def get(url: str, path: str, _: object) -> None:
        """Download ``url`` to ``path``. pooch's own downloader leaves the connection open when it fails."""
        plain = {"Accept-Encoding": "identity"}  # otherwise requests would decompress the file
        with requests.get(url, stream=True, timeout=timeout, headers=plain) as answer, open(path, "wb") as out:
            if not answer.ok:
                raise DownloadError("http_status", host=progress.host, got=answer.status_code)
            for chunk in answer.iter_content(_CHUNK):
                if progress.stopped.is_set():
                    raise _StopError
                if progress.done + len(chunk) > progress.complete + file.size:
                    raise ValueError("more bytes than the file has")
                out.write(chunk)
                progress.done += len(chunk)

    try:
        pooch.retrieve(mirror + file.name, f"md5:{file.md5}", file.name, folder, downloader=get)
    except DownloadError:
        raise
    except requests.RequestException as error:
        raise _failure(error, progress.host, timeout) from None
    except ValueError:  # pooch reports a wrong MD5 sum by it
        raise DownloadError("wrong_hash", name=file.name, expected=file.md5) from None
    except OSError as error:
        raise DownloadError("not_writable", reason=error.strerror or str(error)) from None


def _failure(error: requests.RequestException, host: str, timeout: float) -> DownloadError:
    """Return the error of a connection, from the root of the exception chain of requests and urllib3."""
    cause: BaseException = error
    while cause.__context__ is not None:
        cause = cause.__context__
    if isinstance(error, requests.Timeout) or isinstance(cause, TimeoutError):
        return DownloadError("timeout", host=host, max=timeout)
    return DownloadError("refused", host=host, reason=getattr(cause, "strerror", None) or str(cause))


def _host(mirror: str) -> str:
    return urlsplit(mirror).hostname or mirror


def _clear(folder: Path) -> None:
    """Remove the temporary files of pooch that a killed process left behind."""
    with suppress(OSError):  # another session may clear at the same time
        for part in folder.glob("tmp*"):
            if time.time() - part.stat().st_mtime > _STALE:
                part.unlink()
