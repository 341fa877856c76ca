"""Where Chromium is: one finder for the browser tests and for the script that makes sure there is one."""

import os
import shutil
import subprocess
from pathlib import Path

from playwright.sync_api import Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_chromium(playwright: Playwright) -> str | None:
    """Chromium or Chrome on PATH, else Playwright's own, if it starts; None without one."""
    on_path = [found for name in NAMES if (found := shutil.which(name))]
    return next((path for path in [*on_path, playwright.chromium.executable_path] if _starts(path)), None)


def _starts(path: str) -> bool:
    """Whether this is a browser: Ubuntu has a stub of that name, and a browser without its libraries does not start."""
    if os.name == "nt":  # there --version opens a window
        return Path(path).exists()
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
