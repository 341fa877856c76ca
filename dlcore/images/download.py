"""Fashion-MNIST from the network: in chunks, checked, and whole or not at all.

The files are those of https://github.com/zalandoresearch/fashion-mnist; sizes and MD5 sums are the published ones.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from dlcore.settings.errors import InputError


@dataclass(frozen=True, slots=True)
class File:
    """A file's name below a mirror's address, its size in bytes and its MD5 sum."""

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
TIMEOUT: Final = 10.0  # seconds without a byte
_CHUNK: Final = 1 << 16
_STALE: Final = 3600.0  # seconds after which a part of a process that was killed is nobody's


class DownloadError(InputError):
    """What was fetched, or found in the cache, cannot be used."""

    WORDS: ClassVar = "images.problem"
    RULES: ClassVar = {
        "refused": "no connection to {host}: {reason}",
        "http_status": "{host} must answer with 200, got {got}",
        "truncated": "{name} must have {high} bytes, got {got} before the connection closed",
        "too_large": "{name} must have {high} bytes, got more",
        "wrong_hash": "{name} must have the MD5 sum {expected}, got {got}",
        "timeout": "{host} must answer within {high} seconds",
        "not_writable": "the cache folder must be writable: {reason}",
    }


def cache_folder() -> Path:
    """Where the files are kept: below ``$XDG_CACHE_HOME``, else ``~/.cache``."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or "")
    return (base if base.is_absolute() else Path.home() / ".cache") / "deep-learning-playground" / "fashion-mnist"


def missing(files: Sequence[File], folder: Path) -> list[File]:
    """Those that the folder does not have in their full size."""
    return [file for file in files if not _has(folder / file.name, file.size)]


def _has(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False


def read(file: File, folder: Path) -> bytes:
    """A cached file's bytes; one that is not what it should be is removed.

    Raises
    ------
    DownloadError : its MD5 sum is another one.
    """
    content = (folder / file.name).read_bytes()
    _check_sum(file, hashlib.md5(content, usedforsecurity=False).hexdigest(), folder / file.name)
    return content


def _check_sum(file: File, got: str, path: Path) -> None:
    if got != file.md5:
        path.unlink(missing_ok=True)
        raise DownloadError("wrong_hash", name=file.name, expected=file.md5, got=got)


class Download:
    """Fetches the missing ones of ``files``, a chunk for each :meth:`step`, so that whoever waits can go away.

    A file appears in ``folder`` once it is complete and its sum is right; whatever happens before, nothing is left.

    Parameters
    ----------
    mirrors : addresses, ending in a slash, tried one after the other for each file; http and https only.
    timeout : seconds to wait for the network, in each step.
    """

    def __init__(
        self, files: Sequence[File], folder: Path, mirrors: Sequence[str], *, timeout: float = TIMEOUT
    ) -> None:
        self._files, self._folder, self._mirrors = missing(files, folder), folder, mirrors
        self._timeout = timeout
        self.total = sum(file.size for file in self._files)  # bytes
        self.name = self._files[0].name if self._files else ""  # of the file in progress
        self.host = ""
        self._whole = self._part = 0  # bytes of the files that are there, and of the one in progress
        self._stopped = False
        self._lock = threading.Lock()  # two script runs of one session can overlap for a moment
        self._chunks: Generator[int, None, None] = self._fetch()

    @property
    def done(self) -> int:
        """Bytes that have come."""
        return self._whole + self._part

    def step(self) -> bool:
        """Wait for the next chunk; false when there is none, since all is there or :meth:`stop` was called.

        Raises
        ------
        DownloadError : no mirror gave a file; nothing more can follow.
        """
        with self._lock:
            try:
                more = not self._stopped and next(self._chunks, None) is not None
            except DownloadError:
                if not self._stopped:
                    raise
            if self._stopped:
                self._chunks.close()
                return False
            return more

    def stop(self) -> None:
        """Give up, without waiting for a step in progress: that one clears away what there is."""
        self._stopped = True
        if self._lock.acquire(blocking=False):
            try:
                self._chunks.close()
            finally:
                self._lock.release()

    def _fetch(self) -> Generator[int, None, None]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _clear(self._folder)
        except OSError as error:
            raise DownloadError("not_writable", reason=str(error)) from None
        for file in self._files:
            for left, mirror in zip(range(len(self._mirrors) - 1, -1, -1), self._mirrors, strict=True):
                self.name, self.host = file.name, urlsplit(mirror).hostname or mirror
                try:
                    yield from self._one(file, mirror + file.name)
                    break
                except DownloadError as error:
                    if not left or error.rule == "not_writable":
                        raise
            self._whole, self._part = self._whole + file.size, 0

    def _one(self, file: File, url: str) -> Generator[int, None, None]:
        """Fetch one file from one place."""
        self._part, total = 0, hashlib.md5(usedforsecurity=False)
        try:
            handle, name = tempfile.mkstemp(prefix=f"{file.name}.", suffix=".part", dir=self._folder)
        except OSError as error:
            raise DownloadError("not_writable", reason=str(error)) from None
        temporary = Path(name)
        try:
            with open(handle, "wb") as out, self._open(url) as answer:
                while chunk := self._read(answer, file):
                    self._part += len(chunk)
                    if self._part > file.size:
                        raise DownloadError("too_large", name=file.name, high=file.size)
                    total.update(chunk)
                    try:
                        out.write(chunk)
                    except OSError as error:
                        raise DownloadError("not_writable", reason=str(error)) from None
                    yield self.done
            if self._part < file.size:
                raise DownloadError("truncated", name=file.name, high=file.size, got=self._part)
            _check_sum(file, total.hexdigest(), temporary)
            temporary.replace(self._folder / file.name)
        finally:
            temporary.unlink(missing_ok=True)

    def _open(self, url: str) -> Any:
        if urlsplit(url).scheme not in ("http", "https"):
            raise DownloadError("refused", host=self.host, reason="not an http or https address")
        try:
            return _opener().open(url, timeout=self._timeout)
        except urllib.error.HTTPError as error:
            error.close()
            raise DownloadError("http_status", host=self.host, got=error.code) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._failure(error) from None

    def _read(self, answer: Any, file: File) -> bytes:
        try:
            chunk: bytes = answer.read1(_CHUNK)
            return chunk
        except TimeoutError as error:
            raise self._failure(error) from None
        except (OSError, http.client.HTTPException):
            raise DownloadError("truncated", name=file.name, high=file.size, got=self._part) from None

    def _failure(self, error: Exception) -> DownloadError:
        reason = getattr(error, "reason", error)  # urllib wraps what went wrong
        if isinstance(reason, TimeoutError):
            return DownloadError("timeout", host=self.host, high=self._timeout)
        return DownloadError("refused", host=self.host, reason=str(reason) or type(reason).__name__)


def _opener() -> urllib.request.OpenerDirector:
    """Follows redirects within http and https; unlike urllib's own it knows neither ftp nor files."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _clear(folder: Path) -> None:
    """Remove what a killed process left."""
    for part in folder.glob("*.part"):
        if time.time() - part.stat().st_mtime > _STALE:
            part.unlink(missing_ok=True)
