"""A server of the app on a free port, with its memory, processor time and log."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from benchmarks.common import NotHereError

ROOT = Path(__file__).parents[1]
APP = "streamlit_app.py"
START_SECONDS = 60
MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Server:
    """A running server of the app."""

    port: int
    process: psutil.Process
    _log: IO[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def rss(self) -> float:
        """Return the resident memory in MB."""
        return float(self.process.memory_info().rss / MEGABYTE)

    def cpu(self, seconds: float) -> float:
        """Return the processor time used in the next ``seconds``, in percent of one core."""
        return float(self.process.cpu_percent(seconds))

    @property
    def tracebacks(self) -> int:
        """Return the number of tracebacks in the server's log that go through our code.

        Others are not the app's: Streamlit prints one when a client disconnects while it is sending to it.
        """
        ours = [f'File "{ROOT / name}' for name in ("pages", "dlcore", APP)]
        return sum(any(file in text for file in ours) for text in self.log().split("Traceback (most recent")[1:])

    def log(self) -> str:
        """Return everything that the server printed."""
        self._log.seek(0)
        return self._log.read()


@contextlib.contextmanager
def serve(app: str = APP) -> Iterator[Server]:
    """Start ``app`` (a path in the repository), wait until it is healthy, and stop it at the end.

    Raises
    ------
    NotHereError : if it does not start; the message contains its log.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "server.headless": "true",
        "server.address": "127.0.0.1",
        "server.port": str(port),
        "browser.gatherUsageStats": "false",
    }
    flags = [word for name, value in options.items() for word in (f"--{name}", value)]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        command = [sys.executable, "-m", "streamlit", "run", app, *flags]
        started = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        server = Server(port, psutil.Process(started.pid), log)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not _healthy(server.url):
                if started.poll() is not None or time.monotonic() > deadline:
                    raise NotHereError(f"{app} was not served:\n{server.log()}")
                time.sleep(0.1)
            yield server
        finally:
            started.terminate()
            try:
                started.wait(10)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
