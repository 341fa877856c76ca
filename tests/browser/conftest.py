"""A real Chromium against a real server: `url = serve("streamlit_app.py"); page.goto(url)`."""

import contextlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chromium import find_chromium
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect, sync_playwright
from waiting import SLOW, expect_settled

ROOT = Path(__file__).parents[2]

collect_ignore = ["apps"]  # scripts for the server, not modules to import

# On a deep link Streamlit looks for its server under the page's own path first. The browser reports that as an error.
HARMLESS = re.compile(r"/\w+/_stcore/(health|host-config)$")

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep each file of browser tests on one worker, so that no worker starts a server and a Chromium for one test.

    A long file names groups of its own.
    """
    for item in items:
        if item.path.parent == Path(__file__).parent and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def chromium_path(playwright: Playwright) -> str:
    """Without a browser these tests fail: they are not optional."""
    return find_chromium(playwright) or pytest.fail("no Chromium: run `python tests/browser/ensure_browser.py`")


@contextlib.contextmanager
def streamlit_server(app: str | Path, *options: str) -> Iterator[str]:
    """Serve `app` (a path, relative to the repository's root) on a free port of 127.0.0.1; yields its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    flags = [f"--{name}={value}" for name, value in settings.items()]
    with tempfile.TemporaryFile("w+") as log:
        # The root is the working directory, which `python -m` puts on sys.path: `from pages.ui …` works in any app.
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(app), *flags, *options],
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            deadline = time.monotonic() + 60
            while not _healthy(url):
                if server.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    pytest.fail(f"{app} was not served:\n{log.read()}")
                time.sleep(0.1)
            yield url
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(playwright), args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[str | Path], str]]:
    """`serve(app)` starts an app once for all tests and gives its URL; every page is a session of its own."""
    urls: dict[str, str] = {}
    with contextlib.ExitStack() as servers:

        def start(app: str | Path) -> str:
            if str(app) not in urls:
                urls[str(app)] = servers.enter_context(streamlit_server(app))
            return urls[str(app)]

        yield start


@pytest.fixture
def serving() -> Callable[[str], contextlib.AbstractContextManager[str]]:
    """`with serving(app) as url`: a server of its own, which dies at the end."""
    return streamlit_server


@pytest.fixture(scope="session")
def playground(browser: Browser, serve: Callable[[str], str]) -> str:
    """The app's URL, after one visit of its front door: a server's first deep link is loaded twice."""
    url = serve("streamlit_app.py")
    page = browser.new_page()
    page.goto(url)
    page.get_by_role("heading", name="Deep Learning Playground").wait_for(timeout=60_000)
    page.context.close()
    return url


@pytest.fixture(params=["streamlit_app.py", "cloud/streamlit_app.py"])
def cold(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The app, by either entry, on a server that nobody has visited yet.

    As under the plain command `streamlit run`, the working directory is not on sys.path.
    """
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    with streamlit_server(request.param) as url:
        yield url


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`open_page(viewport=…, color_scheme="dark", has_touch=True)`: a page of a fresh browser profile.

    What the pages complain about, console errors and uncaught exceptions, fails the test.
    """
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and not HARMLESS.search(message.location.get("url", "")):
            complaints.append(f"{message.text} ({message.location.get('url')})")

    with contextlib.ExitStack() as contexts:

        def open_one(**options: object) -> Page:
            context = browser.new_context(**({"locale": "en-US", "viewport": {"width": 1280, "height": 800}} | options))
            contexts.callback(context.close)
            page = context.new_page()
            page.on("console", heard)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            return page

        yield open_one
    assert not complaints, "the browser reported:\n" + "\n".join(complaints)


@pytest.fixture
def visit(playground: str, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """`visit("softmax?v=1", "lang=zh", viewport=…)`: a page of the app at rest."""

    def go(address: str, query: str = "lang=en", **options: object) -> Page:
        page = open_page(**options)
        page.goto(f"{playground}/{address}{'&' if '?' in address else '?'}{query}")
        expect(page.locator("h1")).to_be_visible(timeout=SLOW)
        expect_settled(page)
        return page

    return go


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()
