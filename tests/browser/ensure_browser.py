"""Make sure that the browser tests have a browser: find one, else install one, else say what to do.

python tests/browser/ensure_browser.py
"""

import os
import shutil
import signal
import subprocess
import sys

from chromium import NAMES, find_chromium
from playwright.sync_api import sync_playwright

HELP = f"""No Chromium, and none could be installed. The browser tests are part of the check; give them one of these:
  - Chromium or Chrome on PATH, as {", ".join(NAMES)}
  - python -m playwright install --with-deps chromium
  - on Debian: apt-get install chromium fonts-noto-cjk"""


def find() -> str | None:
    with sync_playwright() as playwright:
        return find_chromium(playwright)


def attempt(command: list[str], limit: float) -> None:
    """Run a command for at most `limit` seconds. Whether it helped is for `find` to say."""
    print("+", " ".join(command), flush=True)
    process = subprocess.Popen(command, start_new_session=True)
    try:
        process.wait(limit)
    except subprocess.TimeoutExpired:
        print(f"gave up after {limit:g} s", flush=True)
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)  # the download runs in a child of the command
        process.wait()


def main() -> int:
    found = find()
    apt = bool(shutil.which("apt-get")) and hasattr(os, "geteuid") and os.geteuid() == 0
    if not found:
        # Where there is a second way, a download that hangs is not waited for as long.
        attempt([sys.executable, "-m", "playwright", "install", "chromium"], limit=120 if apt else 900)
        found = find()
    if not found and apt:
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        attempt(["apt-get", "update"], limit=300)
        attempt(["apt-get", "install", "-y", "chromium", "fonts-noto-cjk"], limit=900)
        found = find()
    if not found:
        print(HELP, file=sys.stderr)
        return 1
    print(f"browser: {found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
