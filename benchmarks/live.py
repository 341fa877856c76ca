"""One session in Chromium: frame rate and the delay of the picture after a control is moved (3000 samples, 100 units).

A picture counts as painted at the next animation frame after the ``<img>`` of the region got it. Controls are moved by
input events of the browser, and all times are taken by the browser's clock.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Locator, Page, WebSocket, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from benchmarks.common import Goal, NotHereError, Result, quantile
from benchmarks.server import serve

PAGE = "spiral"
TRAINING = "v=1&t=0&k=10000&lang=en&play=1"  # 3000 samples, all trained on, 100 units: some seconds
AT_REST = "v=1&t=0&k=1000&lang=en"
PLAYING = "v=1&t=0&k=1000&lang=en&play=1"
REGION, EPOCH = ".st-key-region", ".st-key-epoch"
HIDDEN, NOISE = ".st-key-spiral-model-hidden", ".st-key-spiral-data-noise"
SCRUBBER = ".st-key-spiral-scrubber"
UNIT, WEIGHT = "#view_network button[aria-pressed]", '[class*="st-key-spiral-weight"] input[type=range]'
RESTART = ".st-key-spiral-restart button"

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

# In the page: one entry in `bench.paints` for each new picture, when it was painted, and whether its nodes are new.
_WATCH = """() => {
  const bench = (window.bench = { paints: [], moved: 0, image: null, rebuilt: 0, networks: 0, epochs: [] });
  const region = document.querySelector('REGION');
  let url = null;
  const look = () => {
    const image = [...region.querySelectorAll('img')].find((i) => i.src.startsWith('data:image/png'));
    if (!image || image.src === url) return;
    url = image.src;
    if (bench.image && image !== bench.image) bench.rebuilt += 1;
    bench.image = image;
    requestAnimationFrame(() => bench.paints.push(performance.now()));
  };
  new MutationObserver(look).observe(region, { subtree: true, childList: true, attributes: true });
  look();
  const epoch = document.querySelector('EPOCH');
  const read = () => {
    const [now, all] = epoch.textContent.replace(/[,\\s]/g, '').match(/(\\d+)\\/(\\d+)/)?.slice(1).map(Number) ?? [];
    if (now !== bench.epochs.at(-1)?.now) bench.epochs.push({ now, all, at: performance.now() });
  };
  new MutationObserver(read).observe(epoch, { subtree: true, childList: true, characterData: true });
  read();
  const listener = Symbol.for('spiral.network');
  const show = globalThis[listener];
  globalThis[listener] = (picture) => { bench.networks += 1; show(picture); };
  document.addEventListener('keydown', () => (bench.moved = performance.now()), true);
}""".replace("REGION", REGION).replace("EPOCH", EPOCH)


_NEARLY_OVER = "() => { const e = bench.epochs.at(-1); return Boolean(e) && e.now > 0.9 * e.all; }"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--moves", type=int, default=40, metavar="N", help="control changes that are timed (%(default)s)"
    )
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="whole runs that are timed (%(default)s)")
    parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="of watched training (%(default)s)")


def measure(args: argparse.Namespace) -> list[Result]:
    """Serve the app, open it in Chromium and measure.

    Raises
    ------
    NotHereError : without a Chromium that starts, or if the page does not show what is measured.
    """
    with serve() as server, _browser() as browser:
        url = f"{server.url}/{PAGE}"
        try:
            results = training(browser, f"{url}?{TRAINING}", args.seconds)
            results += changes(browser, f"{url}?{AT_REST}", args.moves, "at rest")
            results += changes(browser, f"{url}?{TRAINING}", args.moves, "while it trains")
            results.append(weights(browser, f"{url}?{AT_REST}", args.moves))
            results.append(whole_runs(browser, f"{url}?{PLAYING}", args.runs))
            results.append(scrubs(browser, f"{url}?{PLAYING}", args.moves))
        except PlaywrightError as error:
            raise NotHereError(f"the page does not show what is measured:\n{error}\n{server.log()[-2000:]}") from error
        return results


@contextmanager
def _browser() -> Iterator[Browser]:
    """Start Chromium or Chrome from PATH, else that of Playwright."""
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGS))
        except PlaywrightError as error:
            raise NotHereError(f"no Chromium that starts:\n{error}") from error
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def _open(browser: Browser, url: str) -> Iterator[tuple[Page, list[int]]]:
    """Open a page with the script ``_WATCH``; yield it and the list of the sizes of the messages it receives."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    page = context.new_page()
    received: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: received.append(len(payload)))

    page.on("websocket", listen)
    try:
        page.goto(url)
        page.locator(f"{REGION} img").first.wait_for(state="attached", timeout=60_000)
        page.locator(EPOCH).wait_for(timeout=60_000)
        page.locator(f"{HIDDEN} input[type=range]").wait_for(timeout=60_000)
        page.wait_for_timeout(1000)
        page.evaluate(_WATCH)
        yield page, received
    finally:
        context.close()


def _bench(page: Page) -> dict[str, Any]:
    """Return the records of ``_WATCH``: `paints`, `moved`, `rebuilt`, `networks`, `epochs`."""
    noted: dict[str, Any] = page.evaluate("() => { const { image, ...noted } = window.bench; return noted; }")
    return noted


def training(browser: Browser, url: str, seconds: float) -> list[Result]:
    """Measure frames per second, bytes per frame and rebuilt nodes during training.

    A fast machine finishes the run in a few seconds. So the run is restarted, and watched from shortly after its start
    to shortly before its end, until it was watched for ``seconds`` in total.
    """
    frames, networks, rebuilt, n_bytes, epochs, watched = 0, 0, 0, 0, 0, 0.0
    with _open(browser, url) as (page, received):
        while watched < seconds:
            page.locator(RESTART).click()
            page.wait_for_function("() => { const e = bench.epochs.at(-1); return e.now > 0 && e.now < e.all / 4; }")
            page.evaluate(
                "() => { bench.paints.length = 0; bench.rebuilt = bench.networks = 0; bench.epochs.length = 0; }"
            )
            received.clear()
            until = time.monotonic() + seconds
            while time.monotonic() < until and not page.evaluate(_NEARLY_OVER):
                page.wait_for_timeout(50)
            noted = _bench(page)
            paints, seen = noted["paints"], noted["epochs"]
            if len(paints) < 2:
                raise NotHereError(f"the page painted {len(paints)} pictures in {seconds:g} s of training")
            n_bytes += sum(received)
            frames += len(paints) - 1
            watched += (paints[-1] - paints[0]) / 1000
            epochs += seen[-1]["now"] - seen[0]["now"]
            rebuilt += noted["rebuilt"]
            networks += noted["networks"]
    return [
        Result("training: regions painted", frames / watched, "1/s", goal=Goal(8, "1/s")),
        Result("training: networks drawn", networks / watched, "1/s", goal=Goal(8, "1/s")),
        Result("training: received for each", n_bytes / frames / 1000, "kB", goal=_at_most(32, "kB")),
        Result(f"training: nodes rebuilt in {frames} frames", rebuilt, "", goal=_at_most(0, "")),
        Result("training: speed as watched", epochs / watched, "epochs/s"),
    ]


def changes(browser: Browser, url: str, moves: int, when: str) -> list[Result]:
    """Measure the milliseconds from a key press on a slider to the painted region of the new run."""
    waits: list[float] = []
    with _open(browser, url) as (page, _):
        sliders = [page.locator(f"{slider} input[type=range]") for slider in (HIDDEN, NOISE)]
        for i in range(moves):
            slider = sliders[i // 2 % 2]
            _press(slider, "ArrowUp" if i % 2 == 0 else "ArrowDown")
            waits.append(_painted_after_move(page, training=when != "at rest"))
            page.wait_for_timeout(150 + 37 * (i % 7))
    return [
        Result(f"change {when}: to the new region, median", statistics.median(waits), "ms", goal=_at_most(120, "ms")),
        Result(f"change {when}: 95 % of {moves}", quantile(waits, 0.95), "ms", goal=_at_most(300, "ms")),
    ]


def weights(browser: Browser, url: str, moves: int) -> Result:
    """Measure the milliseconds from a key press on the slider of a weight to the painted region."""
    waits: list[float] = []
    with _open(browser, url) as (page, _):
        page.locator(UNIT).first.click()
        slider = page.locator(WEIGHT).first
        slider.wait_for()
        page.wait_for_timeout(600)
        for i in range(moves):
            _press(slider, "ArrowUp" if i % 2 == 0 else "ArrowDown")
            waits.append(_painted_after_move(page, training=False))
            page.wait_for_timeout(400)  # the picture at rest follows
    return Result("weight of a unit: to the region, median", statistics.median(waits), "ms", goal=_at_most(120, "ms"))


def whole_runs(browser: Browser, url: str, runs: int) -> Result:
    """Measure the seconds from a change of the hidden units to the painted region of the last of 1000 epochs."""
    durations: list[float] = []
    with _open(browser, url) as (page, _):
        _last_region(page)
        slider = page.locator(f"{HIDDEN} input[type=range]")
        for i in range(runs):
            _press(slider, "ArrowUp" if i % 2 == 0 else "ArrowDown")
            _painted_after_move(page, training=True)
            durations.append(_last_region(page))
    median = statistics.median(durations) / 1000
    return Result("1000 epochs: change to the last region, median", median, "s", goal=_at_most(1.5, "s"))


def scrubs(browser: Browser, url: str, moves: int) -> Result:
    """Measure the milliseconds from a key press on the scrubber to the painted region of that moment of the run."""
    waits: list[float] = []
    with _open(browser, url) as (page, _):
        _last_region(page)
        slider = page.locator(f"{SCRUBBER} input[type=range]")
        for _ in range(moves):
            _press(slider, "ArrowLeft")
            waits.append(_painted_after_move(page, training=False))
            page.wait_for_timeout(600)  # the picture at rest follows
    return Result(
        "scrub: to the region of that epoch, median", statistics.median(waits), "ms", goal=_at_most(100, "ms")
    )


def _at_most(value: float, unit: str) -> Goal:
    return Goal(value, unit, at_least=False)


def _press(slider: Locator, key: str) -> None:
    slider.focus()
    slider.page.evaluate("() => { bench.paints.length = 0; bench.epochs.splice(0, bench.epochs.length - 1); }")
    slider.press(key)


def _painted_after_move(page: Page, *, training: bool) -> float:
    """Return the milliseconds from the last key press to the first picture of the run that it started.

    The previous run may still paint a picture after the key press. The new run is recognised by its epoch, which is
    smaller than the epoch before; the first picture after that counts.
    """
    condition = (
        "() => { const e = bench.epochs, i = e.findIndex((x, n) => n > 0 && x.now < e[n - 1].now);"
        " return i < 0 ? 0 : (bench.paints.find((t) => t >= e[i].at) ?? 0); }"
        if training
        else "() => bench.paints[0] ?? 0"
    )
    handle = page.wait_for_function(condition, timeout=20_000)
    return float(handle.json_value()) - float(page.evaluate("() => bench.moved"))


def _last_region(page: Page) -> float:
    """Wait until the run is over and painted; return the milliseconds from the last key press to its first picture."""
    page.wait_for_function("() => { const e = bench.epochs.at(-1); return e && e.now === e.all; }", timeout=60_000)
    deadline = time.monotonic() + 20
    while True:
        noted = _bench(page)
        end = noted["epochs"][-1]["at"]
        after = [t for t in noted["paints"] if t >= end]
        if after or time.monotonic() > deadline:
            page.wait_for_timeout(600)  # the picture at rest follows
            return float((after or [end])[0]) - float(noted["moved"])
        page.wait_for_timeout(20)
