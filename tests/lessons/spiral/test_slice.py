"""The view of the slice: computed when asked for, kept until another run begins, and honest about its age."""

import json

import pytest
from driver import SMALL, charts, frame, open_spiral, open_view, press, session, sound
from streamlit.testing.v1 import AppTest

from dlcore.drawing import formats
from dlcore.spiral import slice as slices
from dlcore.spiral.slice import SIDE, Slice
from pages.spiral.spiral import view_slice
from pages.spiral.spiral.view_slice import SliceView
from pages.ui.language import LANGUAGES, labels


def slice_page(language: str = "en", *, trained: bool = True, **link: str) -> AppTest:
    app = open_view(open_spiral(language, **{**SMALL, **link}), "slice")
    return press(app, "to_end") if trained else app


def compute(app: AppTest) -> AppTest:
    return sound(app.button(key="spiral.slice").click().run())


def told(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_slice_is_computed_when_it_is_asked_for(language: str) -> None:
    app, words = slice_page(language), labels(language)
    assert words["spiral.slice.none"] in told(app)
    assert words["spiral.slice.idea"].format(parameters=51) in told(app)
    assert words["spiral.slice.alt"] not in charts(app)
    app = compute(app)
    run = session(app).run
    loss = formats.fixed(run.train_loss, 4)
    assert words["spiral.slice.end"].format(epoch=50, loss=loss) in told(app)
    assert words["spiral.slice.sample"].split("{")[0] not in told(app)
    chart = charts(app)[words["spiral.slice.alt"]]
    rows = frame(chart)
    assert (rows["kind"] == "cell").sum() == SIDE**2
    assert rows[rows["kind"] == "path"]["epoch"].tolist() == run.timeline.epochs
    titles = str(json.loads(chart.spec))
    job = Slice(run, view_slice.moments(run))
    for axis, share in enumerate(job.plane.shares):
        assert words[f"spiral.slice.axis_{axis + 1}"].format(share=formats.percent(share, 1)) in titles
    assert words["spiral.slice.alt"] in charts(sound(app.run())), "it is kept"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slice_says_how_old_it_is_and_goes_with_its_run(language: str) -> None:
    app, words = slice_page(language, trained=False), labels(language)
    for _ in range(5):
        app = press(app, "step")
    old = words["spiral.slice.old"].format(epoch=5)
    app = compute(app)
    assert old not in told(app)
    app = press(app, "step")
    assert old in told(app)
    app = compute(app)
    assert words["spiral.slice.old"].format(epoch=6) not in told(app)
    s = session(app)
    engine = s.run.engine
    s.run.engine = s.run.prepared.engine()  # as after a restart
    assert SliceView().compute(s) is None
    s.run.engine = engine
    s.set("model.hidden", (5,))
    app = sound(app.run())
    assert words["spiral.slice.none"] in told(app)
    assert words["spiral.slice.alt"] not in charts(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_path_without_a_plane_says_why(language: str) -> None:
    words = labels(language)
    assert words["spiral.slice.without.few"] in told(compute(slice_page(language, trained=False)))
    diverged = compute(slice_page(language, h="8-8", o="sgd", r="10", l2="1"))
    assert words["spiral.slice.without.diverged"] in told(diverged)
    assert words["spiral.slice.alt"] not in charts(diverged)


@pytest.mark.parametrize("language", LANGUAGES)
def test_much_work_says_how_many_points_were_used(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "WORK", 0)
    app = compute(slice_page(language))
    assert labels(language)["spiral.slice.sample"].format(samples=100, of=240) in told(app)


def test_a_request_is_kept_until_it_is_done() -> None:
    """A script run that is superseded while it computes leaves the request to the next."""
    app = slice_page()
    s = session(app)
    s.memo[view_slice.ASKED] = True
    sound(app.run())
    assert view_slice.ASKED not in s.memo
    assert SliceView().compute(s) is not None


def test_the_slice_ages_while_the_run_plays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each frame says so, before the script runs again."""
    app = slice_page(trained=False, k="40")
    for _ in range(3):
        app = press(app, "step")
    app, said = compute(app), []
    status = view_slice._status
    monkeypatch.setattr(view_slice, "_status", lambda s, kept: said.append(status(s, kept)) or said[-1])
    app = press(app, "to_end")
    assert labels("en")["spiral.slice.old"].format(epoch=3) in told(app)
    assert len(said) > 2, "no frame said it"
