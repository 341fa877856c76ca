"""The loop as notebooks write it: the textbook's losses, every line left out, and programs that print the same."""

from itertools import chain, combinations, pairwise

import pytest
import torch
from driver import charts, frame, open_page, shown_code, sound
from programs import printed

from dlcore.lessons.linear_regression import charts as regression_charts
from dlcore.lessons.linear_regression.loop import programs
from dlcore.lessons.linear_regression.loop.model import BATCH_SIZE, EPOCHS, LINES, REDUCTIONS, SEED, Loop, data, train
from pages.ui.language import LANGUAGES, labels, prose

TEXTBOOK = Loop("sum", True, 0.03, LINES)


def without(*lines: str) -> tuple[str, ...]:
    return tuple(line for line in LINES if line not in lines)


def test_the_textbooks_losses() -> None:
    assert train(TEXTBOOK).losses == pytest.approx([0.039, 1.4e-4, 4.7e-5], rel=0.1)
    assert train(Loop("sum", False, 0.03, LINES)).losses == pytest.approx([2.5e-4, 9.3e-5, 9.3e-5], rel=0.1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_losses_of_the_prose(language: str) -> None:
    text = prose(language)["linear_regression/loop"]
    first, second, third = train(TEXTBOOK).losses
    assert all(shown in text for shown in (f"{first:.3f}", f"{second:.5f}", f"{third:.5f}"))
    assert f"{train(Loop('sum', False, 0.03, LINES)).losses[-1]:.4f}" in text
    assert "10" in text
    assert BATCH_SIZE == 10


def test_the_complete_loop_is_the_loop_by_hand() -> None:
    generator = torch.Generator().manual_seed(SEED)
    X, y = data(generator)
    w, b = torch.zeros(2, 1), torch.zeros(1)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(X), generator=generator).split(BATCH_SIZE):
            error = X[batch] @ w + b - y[batch]
            w, b = w - 0.03 * X[batch].t() @ error / BATCH_SIZE, b - 0.03 * error.mean(0)
    by_hand = [*w.flatten().tolist(), *b.tolist()]
    assert train(TEXTBOOK).path[-1] == pytest.approx(by_hand, abs=1e-3)
    assert train(Loop("sum", True, 0.03, without("zero"))).path[-1] != pytest.approx(by_hand, abs=1)


def test_the_same_rate_takes_the_same_path() -> None:
    """Sum or mean, halved or not, divided or not: lr · n with the mean is lr with the sum."""
    loops = [
        Loop(reduction, half, 0.015 * 0.03 / Loop(reduction, half, 0.03, lines).rate, lines)
        for reduction in ("sum", "mean")
        for half in (True, False)
        for lines in (LINES, without("divide"))
    ]
    assert len({round(loop.lr, 9) for loop in loops}) > 3
    for loop in loops:
        assert loop.rate == pytest.approx(0.015)
        for ours, theirs in zip(train(loop).path[::25], train(TEXTBOOK).path[::25], strict=True):
            assert ours == pytest.approx(theirs, abs=1e-3)


def test_without_zero_the_parameters_swing() -> None:
    w1 = [parameters[0] for parameters in train(Loop("sum", True, 0.03, without("zero"))).path]
    crossings = sum((a < 2.0) != (b < 2.0) for a, b in pairwise(w1))
    assert crossings > 5
    assert max(w1[-100:]) > 3


@pytest.mark.parametrize("half", [True, False])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_the_program_prints_the_losses_or_raises_the_error(reduction: str, half: bool) -> None:
    for missing in chain.from_iterable(combinations(LINES, n) for n in range(3)):
        loop = Loop(reduction, half, 0.03, without(*missing))
        run, snippet = train(loop), programs.program(loop)
        if not run.error:
            assert printed(snippet.code) == snippet.output
            continue
        assert not snippet.output
        with pytest.raises((RuntimeError, TypeError)) as raised:
            printed(snippet.code)
        assert f"{raised.type.__name__}: {raised.value}" == run.error


def test_the_program_has_the_notebooks_lines() -> None:
    code = programs.program(TEXTBOOK).code
    for line in (
        "        loss.sum().backward()",
        "        with torch.no_grad():",
        "                param -= lr * param.grad / batch_size",
        "                param.grad.zero_()",
    ):
        assert f"{line}\n" in code


def test_a_diverged_path_is_drawn_as_far_as_it_is_finite() -> None:
    path = train(Loop("sum", True, 0.3, without("divide"))).path
    shown = regression_charts.path_frame(path, (2.0, -3.4, 4.2), 100)
    assert 10 < len(shown) < 3 * len(path)
    assert shown["value"].abs().max() <= 1e9


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_leaves_lines_out(language: str) -> None:
    app, words = open_page("linear_regression", language, p="loop"), labels(language)
    assert app.table[0].value[words["axis.loss"]].tolist()[0] == "0.039"
    assert len(frame(charts(app)[words["linear_regression.alt_parameters"]])) == 3 * 301
    for line in LINES:
        sound(app.pills(key="linear_regression.lines").set_value(list(without(line))).run())
        run = train(Loop("sum", True, 0.03, without(line)))
        assert [element.value for element in app.error] == ([run.error] if run.error else [])
        said = [element.value for element in app.markdown]
        assert [words[f"linear_regression.loop.without_{id}"] in said for id in LINES] == [id == line for id in LINES]
        assert shown_code(app)[0][0] == programs.program(Loop("sum", True, 0.03, without(line))).code
    sound(app.pills(key="linear_regression.lines").set_value(list(LINES)).run())
    sound(app.segmented_control(key="linear_regression.reduction").set_value("none").run())
    assert "scalar outputs" in app.error[0].value
    assert words["linear_regression.loop.none"] in [element.value for element in app.markdown]
