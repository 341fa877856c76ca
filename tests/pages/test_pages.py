"""Every page opens in both languages; the language switch, home and reproduce pages work."""

import re

import pytest
from driver import ROOT, go, open_page, session, sound
from streamlit.testing.v1 import AppTest

from dlcore.spiral import experiments
from dlcore.spiral.config import RunConfig, replace_field
from pages.ui.language import LANGUAGES, QUERY_KEY, labels
from pages.ui.registry import PAGES, SECTIONS


def title(app: AppTest) -> str:
    assert len(app.title) == 1
    found: str = app.title[0].value
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", PAGES)
def test_page_opens(id: str, language: str) -> None:
    app = open_page(id, language)
    assert title(app) == labels(language)[f"page.{id}"]
    texts = [element.value for kind in (app.markdown, app.caption, app.warning, app.error) for element in kind]
    unfilled = re.compile(r"\{[a-z_]+\}")
    formula = re.compile(r"\$[^$]+\$")  # contains braces
    assert not [text for text in texts if unfilled.search(formula.sub("", text))]
    assert not app.error
    assert not app.warning


def test_registry_agrees_with_the_files() -> None:
    assert [page.id for page in PAGES.values() if page.default] == [next(iter(PAGES))]
    assert all(id == page.id for id, page in PAGES.items())
    assert len({page.file for page in PAGES.values()}) == len(PAGES)
    for page in PAGES.values():
        assert page.file.is_file()
        assert page.file.is_relative_to(ROOT / "pages" / page.section)
        assert page.section in SECTIONS


@pytest.mark.parametrize(
    ("asked", "browser", "language"),
    [
        (None, None, "en"),
        (None, "zh-CN", "zh"),
        (None, "ZH", "zh"),
        (None, "fr-FR", "en"),
        ("en", "zh-CN", "en"),
        ("zh", "en-GB", "zh"),
        ("xx", "zh-TW", "zh"),
        ("<b>", None, "en"),
    ],
)
def test_the_language_of_the_link_precedes_that_of_the_browser(
    asked: str | None, browser: str | None, language: str
) -> None:
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    if browser:
        app.context = {"locale": browser}
    if asked:
        app.query_params[QUERY_KEY] = asked
    sound(app.run())
    assert title(app) == labels(language)["page.home"]


def test_language_switch_goes_to_the_link_and_stays_on_every_page() -> None:
    app = open_page("home", "en")
    sound(app.segmented_control(key="language.switch").set_value("zh").run())
    assert title(app) == labels("zh")["page.home"]
    assert app.query_params[QUERY_KEY] == "zh"
    app.query_params = {}
    assert title(go(app, "reproduce")) == labels("zh")["page.reproduce"]
    assert title(go(app, "spiral")) == labels("zh")["page.spiral"]


def test_a_second_click_on_the_language_changes_nothing() -> None:
    app = open_page("home", "zh")
    sound(app.segmented_control(key="language.switch").set_value(None).run())
    assert title(app) == labels("zh")["page.home"]
    assert app.segmented_control(key="language.switch").value == "zh"


@pytest.mark.parametrize("language", LANGUAGES)
def test_home_shows_a_film_of_a_run_and_trains_that_run_on_the_spiral_page(language: str) -> None:
    app = open_page("home", language)
    alts = [image.proto.imgs[0].alt for image in app.get("image") or app.get("imgs")]
    assert alts == [labels(language)["home.alt"]] * 2  # one moves, one is still; the style sheet shows one of them
    assert re.search(r"9\d\.\d% [^\d]*3000|3000 [^\d]*9\d\.\d%", app.caption[0].value)
    sound(app.button(key="home.open").click().run())
    assert title(app) == labels(language)["page.spiral"]
    run = session(app).run
    assert run.config == experiments.PUBLISHED["lecture_relu"].config
    assert run.finished


@pytest.mark.parametrize("language", LANGUAGES)
def test_reproduce_trains_and_compares(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = {"lecture_linear": experiments.PUBLISHED["lecture_linear"]}
    monkeypatch.setattr(experiments, "EXPERIMENTS", one)
    app, words = open_page("reproduce", language), labels(language)
    assert app.table[0].value.iloc[0][words["reproduce.ours"]] == "–"
    sound(app.button(key="reproduce.run").click().run())
    row = app.table[0].value.iloc[0]
    assert row[words["reproduce.published"]] == "0.861541"
    assert float(row[words["reproduce.ours"]]) == pytest.approx(0.861541, abs=experiments.TOLERANCE)
    assert row[words["reproduce.agrees"]] == "✓"
    assert "10⁻⁵" in app.success[0].value
    assert not app.warning


def test_reproduce_reports_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    config = replace_field(experiments.PUBLISHED["lecture_linear"].config, "data.points", 20)
    wrong = experiments.Published("lecture_linear", config, 5, 0.5, 0.5)
    monkeypatch.setattr(experiments, "EXPERIMENTS", {"lecture_linear": wrong})
    app = open_page("reproduce")
    sound(app.button(key="reproduce.run").click().run())
    assert app.table[0].value.iloc[0]["agrees"] == "✗"
    assert app.warning[0].value.startswith("1 of 1 differ")
    assert not app.success


@pytest.mark.parametrize("id", experiments.EXPERIMENTS)
def test_reproduce_opens_an_experiment_in_the_playground(id: str) -> None:
    app = open_page("reproduce")
    sound(app.pills(key="reproduce.open").set_value(id).run())
    assert title(app) == labels("en")["page.spiral"]
    assert session(app).config == experiments.EXPERIMENTS[id].config != RunConfig()
