"""Every task of the softmax page, done as it is written, gives the numbers that it promises in both languages."""

import pytest
import torch
from driver import charts, frame, open_page, sound
from numerals import read
from promises import promised
from streamlit.testing.v1 import AppTest

from dlcore.lessons.softmax.model import softmax
from pages.ui.language import LANGUAGES, labels, prose


def change(app: AppTest, **values: object) -> AppTest:
    app.session_state["softmax.state"].apply(values)
    return sound(app.run())


@pytest.mark.parametrize("language", LANGUAGES)
def test_right_answers_teach_little(language: str) -> None:
    app, words = open_page("softmax", language), labels(language)

    def shown(alt: str) -> list[float]:
        numbers: list[float] = frame(charts(app)[words[f"softmax.{alt}"]])["value"].tolist()
        return numbers

    before = shown("alt_p")[1], shown("alt_gradient")[1]
    change(app, z1=10.0)
    after = shown("alt_p")[1], shown("alt_gradient")[1]
    change(app, true=0)
    promised("softmax", 1, *(f"{p:.3f}" for p in (before[0], after[0])))
    promised(
        "softmax", 1, *(f"{slope:.4f}".replace("-", "−") for slope in (before[1], after[1], shown("alt_gradient")[0]))
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_low_and_high_temperature(language: str) -> None:
    logits = torch.tensor([4.0, 8.0, 3.0], dtype=torch.float64)
    app, orders = open_page("softmax", language), set()
    for temperature in (0.1, 1.0, 10.0):
        change(app, temperature=temperature)
        p = frame(charts(app)[labels(language)["softmax.alt_p"]])["value"].tolist()
        orders.add(tuple(sorted(range(3), key=p.__getitem__)))
    assert len(orders) == 1
    promised("softmax", 2, *(f"{value:.2f}" for value in p))
    assert float(softmax(logits, 0.1)[[0, 2]].sum()) == pytest.approx(4e-18, abs=5e-19)
    promised("softmax", 2, "4 · 10⁻¹⁸")
    assert softmax(logits, 1e6).tolist() == pytest.approx([1 / 3] * 3, abs=1e-5)


@pytest.mark.parametrize("language", LANGUAGES)
def test_overflow_and_underflow(language: str) -> None:
    words = labels(language)
    app = open_page("softmax", language, p="overflow")

    def losses(dtype: str, offset: int) -> list[str]:
        change(app, dtype=dtype, offset=float(offset))
        return [table.value.iloc[-1, 1] for table in app.table]

    for dtype, limit in (("float16", 4), ("float32", 81), ("float64", 702)):
        assert "nan" not in losses(dtype, limit - 1)
        assert not app.error
        naive, stable = losses(dtype, limit)
        assert naive == "nan"
        assert read(stable) == pytest.approx(0.025, abs=5e-4)
        assert "inf" in app.table[0].value["1"].tolist()
        promised("softmax", 3, f"{limit}")
    assert losses("float32", -112)[0] == "nan"
    assert set(app.table[0].value.iloc[1, 1:]) == {"0"}
    naive, _ = losses("float32", -111)
    (error,) = app.error
    assert error.value == words["softmax.off"].format(loss=naive, exact="0.0247449", error="0.025")
    promised("softmax", 3, "−112", "−111", naive)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_numbers_are_those_of_the_logits_at_the_start(language: str) -> None:
    opening = prose(language)["softmax/try"].partition("\n")[0]
    settings = open_page("softmax", language).session_state["softmax.state"].values
    assert all(f"{settings[name]:g}" in opening for name in ("z0", "z1", "z2"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_more_than_one_verdict_for_each_way(language: str) -> None:
    for offset in (0, -99, -105, -111, 90):
        app = open_page("softmax", language, p="overflow", o=str(offset))
        assert len(app.error) + len(app.success) == 2
        assert len(app.error) == (offset != 0)
