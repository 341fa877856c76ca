"""The shapes and dtypes that the cross-entropy loss takes: the shown program does what the page says."""

import pytest
from driver import open_page, shown_code
from programs import printed

from dlcore.lessons.softmax import programs
from dlcore.lessons.softmax.shapes import CASES, answer
from pages.ui.language import LANGUAGES, labels

ACCEPTED = ("right", "soft", "softmax")


@pytest.mark.parametrize("case", CASES)
def test_the_program_prints_the_loss_or_raises_the_error(case: str) -> None:
    snippet, given = programs.shapes(case), answer(case)
    assert (given.loss is None, bool(given.error)) == ((False, False) if case in ACCEPTED else (True, True))
    if given.loss is not None:
        assert printed(snippet.code) == snippet.output == f"{given.loss:.4f}"
        return
    assert not snippet.output
    with pytest.raises((RuntimeError, IndexError, ValueError)) as raised:
        printed(snippet.code)
    assert f"{raised.type.__name__}: {raised.value}" == given.error


def test_one_hot_floats_give_the_same_loss_and_a_second_softmax_another() -> None:
    right, soft, twice = (answer(case).loss for case in ACCEPTED)
    assert soft == pytest.approx(right)
    assert twice is not None
    assert right is not None
    assert twice > 1.5 * right


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_the_page_shows_torchs_own_message(case: str, language: str) -> None:
    app, given, words = open_page("softmax", language, p="shapes", g=case), answer(case), labels(language)
    assert [element.value for element in app.error] == ([given.error] if given.error else [])
    verdict = [element.value for element in (*app.success, *app.warning)]
    assert verdict == ([] if given.loss is None else [words["softmax.shapes.loss"].format(loss=f"{given.loss:.4f}")])
    assert words[f"softmax.shapes.{case}"] in [element.value for element in app.markdown]
    program, output = shown_code(app)[0]
    assert (program, output or "") == (programs.shapes(case).code, programs.shapes(case).output)
