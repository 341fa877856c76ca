"""The race on a surface and on a network: paths against torch.optim, minima, the rule's numbers, and programs."""

import math
import re
from dataclasses import fields
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import printed
from strategies import values as allowed

from dlcore.drawing.formats import tex
from dlcore.lessons.optimisers.network.model import NetworkRace
from dlcore.lessons.optimisers.race import programs as race_text
from dlcore.lessons.optimisers.race.model import LIMIT, SurfaceRace, Walker
from dlcore.lessons.optimisers.race.rule import rule, rule_lines
from dlcore.lessons.optimisers.race.surfaces import (
    SURFACES,
    TYPED,
    TYPED_REACH,
    Surface,
    parse_function,
    typed_surface,
    value,
    values,
)
from dlcore.lessons.optimisers.settings import LESSON
from dlcore.network.optimizers import Hyper
from dlcore.network.settings import OPTIMIZERS
from dlcore.typed.expression import ExpressionError

IDS = st.sampled_from(OPTIMIZERS)
HYPER = st.builds(
    Hyper,
    momentum=st.floats(0, 0.99),
    beta1=st.floats(0, 0.99),
    beta2=st.floats(0.5, 0.9999),
    alpha=st.floats(0.5, 0.999),
    eps=st.sampled_from([1e-10, 1e-8, 1e-3]),
    weight_decay=st.floats(0, 0.5),
)


def walked(id: str, surface: Surface, lr: float, hyper: Hyper, steps: int, start: tuple[float, float]) -> Walker:
    race = SurfaceRace(surface, start, {id: lr}, hyper, steps=steps)
    race.advance(steps)
    return race.walkers[id]


def by_torch(
    id: str, surface: Surface, lr: float, hyper: Hyper, steps: int, start: tuple[float, float]
) -> torch.Tensor:
    """Return the points (steps + 1, 2) of the optimizer in torch.optim."""
    theta = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    sgd = {"lr": lr, "momentum": hyper.momentum}
    betas = (hyper.beta1, hyper.beta2)
    optimizer: torch.optim.Optimizer = {
        "sgd": lambda: torch.optim.SGD([theta], lr=lr),
        "momentum": lambda: torch.optim.SGD([theta], **sgd),
        "nesterov": lambda: torch.optim.SGD([theta], **sgd, nesterov=hyper.momentum > 0),
        "adagrad": lambda: torch.optim.Adagrad([theta], lr=lr, eps=hyper.eps),
        "rmsprop": lambda: torch.optim.RMSprop([theta], lr=lr, alpha=hyper.alpha, eps=hyper.eps),
        "adam": lambda: torch.optim.Adam([theta], lr=lr, betas=betas, eps=hyper.eps),
        "adamw": lambda: torch.optim.AdamW([theta], lr=lr, betas=betas, eps=hyper.eps, weight_decay=hyper.weight_decay),
    }[id]()
    places = [theta.detach().clone()]
    namespace: dict[str, object] = {"torch": torch}
    for _ in range(steps):
        optimizer.zero_grad()
        names = {"x": theta[0], "y": theta[1], **namespace}
        exec(surface.program.code, names)
        names[surface.program.result].backward()  # type: ignore[attr-defined]
        optimizer.step()
        places.append(theta.detach().clone())
    return torch.stack(places)


@pytest.mark.parametrize("name", SURFACES)
@pytest.mark.parametrize("id", OPTIMIZERS)
def test_every_path_equals_torch(id: str, name: str) -> None:
    surface = SURFACES[name]
    mine = walked(id, surface, surface.lrs[id], Hyper(), 100, surface.start)
    theirs = by_torch(id, surface, surface.lrs[id], Hyper(), 100, surface.start)
    assert mine.steps == 100
    places = torch.tensor([place[:2] for place in mine.path], dtype=torch.float64)
    torch.testing.assert_close(places, theirs, rtol=1e-10, atol=1e-10)


@settings(max_examples=60)
@given(
    id=IDS,
    hyper=HYPER,
    lr=st.floats(1e-4, 0.02),
    start=st.tuples(st.floats(-2, 2), st.floats(-2, 2)),
    text=st.sampled_from(
        ["0.1*x**2 + 2*y**2", "x**2 - y**2 + y**4/4", "sin(x) + cos(2*y) + x**2", "exp(x/2) + y**2", "x**2"]
    ),
)
def test_random_hyper_parameters_equal_torch(
    id: str, hyper: Hyper, lr: float, start: tuple[float, float], text: str
) -> None:
    surface = typed_surface(parse_function(text), 3.0)
    mine = walked(id, surface, lr, hyper, 100, start)
    theirs = by_torch(id, surface, lr, hyper, mine.steps, start)
    places = torch.tensor([place[:2] for place in mine.path], dtype=torch.float64)
    torch.testing.assert_close(places, theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", SURFACES)
def test_minima_are_minima(name: str) -> None:
    surface = SURFACES[name]
    left, right, bottom, top = surface.window
    x, y = torch.meshgrid(
        torch.linspace(left, right, 201, dtype=torch.float64),
        torch.linspace(bottom, top, 201, dtype=torch.float64),
        indexing="ij",
    )
    lowest = surface.lowest
    assert lowest is not None
    assert float(values(surface.program, x, y).min()) >= lowest - 1e-12
    for place in surface.minima:
        assert value(surface.program, *place) == pytest.approx(lowest, abs=1e-12)
        theta = torch.tensor(place, dtype=torch.float64, requires_grad=True)
        (gradient,) = torch.autograd.grad(values(surface.program, *theta.unbind()), theta)
        assert gradient.abs().max() < 1e-12
    assert left <= surface.start[0] <= right
    assert bottom <= surface.start[1] <= top
    assert set(surface.lrs) == set(OPTIMIZERS)


def test_learning_rates_reach_their_goals() -> None:
    def left(name: str) -> dict[str, float]:
        surface = SURFACES[name]
        race = SurfaceRace(surface, surface.start, surface.lrs, Hyper(), steps=200)
        race.advance(200)
        assert not any(walker.diverged for walker in race.walkers.values())
        return {id: walker.path[-1][2] - (surface.lowest or 0) for id, walker in race.walkers.items()}

    assert max(left("ravine").values()) < 1e-7
    assert max(left("saddle").values()) < 1e-5
    shallow = left("two_minima")
    assert {id for id, rest in shallow.items() if rest < 1e-3} == {"momentum", "nesterov"}
    rosenbrock = left("rosenbrock")
    assert rosenbrock["momentum"] < 0.1 < rosenbrock["adam"] < 0.5 < rosenbrock["sgd"]


def test_sgd_oscillates_at_the_critical_learning_rate() -> None:
    surface = SURFACES["ravine"]
    sgd = walked("sgd", surface, 0.5, Hyper(), 200, surface.start)
    assert [round(y, 9) for _, y, _ in sgd.path[:4]] == [2, -2, 2, -2]
    assert sgd.path[-1][2] == pytest.approx(8, abs=1e-4)
    assert walked("momentum", surface, 0.5, Hyper(), 200, surface.start).path[-1][2] < 1e-7


def test_start_on_the_ridge_of_the_saddle_stays_on_it() -> None:
    surface = SURFACES["saddle"]
    for y0, away in ((0.0, False), (0.01, True)):
        race = SurfaceRace(surface, (-2.0, y0), surface.lrs, Hyper(), steps=200)
        race.advance(200)
        assert {abs(walker.place[1]) > 1.4 for walker in race.walkers.values()} == {away}
        if not away:
            assert all(walker.path[-1][2] == pytest.approx(0, abs=1e-6) for walker in race.walkers.values())
        else:
            first = {id: next(i for i, p in enumerate(w.path) if p[1] > 1) for id, w in race.walkers.items()}
            assert first["adagrad"] == 4
            assert first["sgd"] == 52


def test_adaptive_optimizers_ignore_the_scale_of_f() -> None:
    plain, large = (typed_surface(parse_function(f"{k}*(0.1*x**2 + 2*y**2)"), 6.0) for k in (1, 1000))
    lrs = SURFACES["ravine"].lrs
    for id in ("adagrad", "rmsprop", "adam"):
        a, b = (walked(id, surface, lrs[id], Hyper(), 50, (-5.0, 2.0)) for surface in (plain, large))
        for one, other in zip(a.path, b.path, strict=True):
            assert one[:2] == pytest.approx(other[:2], abs=1e-5)
    assert walked("sgd", large, lrs["sgd"], Hyper(), 50, (-5.0, 2.0)).diverged


def test_others_go_on_after_one_diverges() -> None:
    surface = SURFACES["ravine"]
    race = SurfaceRace(surface, surface.start, {"sgd": 5.0, "adam": 0.3}, Hyper(), steps=100)
    race.advance(100)
    sgd, adam = race.walkers["sgd"], race.walkers["adam"]
    assert sgd.diverged
    assert not race.diverged
    assert sgd.steps < 20 < adam.steps == race.epoch == 100
    assert all(math.isfinite(number) and abs(number) <= LIMIT for p in sgd.path for number in p[:2])
    race.restart()
    assert (race.epoch, race.walkers["sgd"].steps, race.walkers["sgd"].diverged) == (0, 0, False)
    alone = SurfaceRace(surface, surface.start, {"sgd": 5.0}, Hyper(), steps=100)
    alone.advance(100)
    assert alone.diverged
    assert alone.finished


@pytest.mark.parametrize("text", ["log(x) + y", "sqrt(x**2 + y**2)", "1/x + y"])
def test_start_without_finite_value_or_gradient(text: str) -> None:
    race = SurfaceRace(
        typed_surface(parse_function(text), 3.0), (0.0, 0.0), {"sgd": 0.1, "adam": 0.1}, Hyper(), steps=10
    )
    assert race.diverged
    assert race.finished
    race.advance(5)
    assert all(walker.steps == 0 for walker in race.walkers.values())


def test_typed_functions_are_checked() -> None:
    with pytest.raises(ExpressionError):
        parse_function("x + z")
    with pytest.raises(ExpressionError):
        parse_function("3")
    assert value(parse_function("x**2"), 3.0, 7.0) == 9  # y need not occur


def setting(name: str) -> st.SearchStrategy[Any]:
    return allowed(LESSON.settings[name].rule)


@settings(max_examples=80, deadline=None)
@given(
    id=IDS,
    hyper=st.builds(Hyper, **{field.name: setting(field.name) for field in fields(Hyper)}),
    lr=setting("lr"),
    start=st.tuples(setting("x0"), setting("y0")),
    text=st.sampled_from(
        [TYPED, "0.1*x**2 + 2*y**2", "(1 - x)**2 + 100*(y - x**2)**2", "abs(x) + relu(y)", "exp(x/2)*cos(9*y) + y**2"]
    ),
    steps=st.integers(0, 60),
)
def test_programs_print_their_output_for_any_settings(
    id: str, hyper: Hyper, lr: float, start: tuple[float, float], text: str, steps: int
) -> None:
    walker = walked(id, typed_surface(parse_function(text), 3.0), lr, hyper, steps, start)
    for snippet in (race_text.scratch(walker), race_text.concise(walker)):
        got = printed(snippet.code)
        assert not snippet.output or got == snippet.output


@pytest.mark.parametrize("name", [*SURFACES, "typed"])
@pytest.mark.parametrize("id", OPTIMIZERS)
def test_programs_have_an_output_at_the_default_learning_rates(id: str, name: str) -> None:
    surface = typed_surface(parse_function(TYPED), TYPED_REACH) if name == "typed" else SURFACES[name]
    walker = walked(id, surface, surface.lrs[id], Hyper(), LESSON.settings["steps"].default, surface.start)
    for snippet in (race_text.scratch(walker), race_text.concise(walker)):
        assert printed(snippet.code) == snippet.output != ""


def test_chaotic_run_has_no_output() -> None:
    """SGD at 0.4 is chaotic on the typed function: programs that round differently take different paths."""
    walker = walked("sgd", typed_surface(parse_function(TYPED), TYPED_REACH), 0.4, Hyper(), 200, (-3.0, 2.0))
    twins = race_text.scratch(walker), race_text.concise(walker)
    assert [snippet.output for snippet in twins] == ["", ""]
    assert not walker.diverged


@pytest.mark.parametrize("id", OPTIMIZERS)
def test_programs_print_their_output_to_the_last_digit(id: str) -> None:
    for text in ("0.1*x**2 + 2*y**2", "a = x**2; a*y**2 + a", "x**2"):
        walker = walked(id, typed_surface(parse_function(text), 3.0), 0.01, Hyper(), 100, (-1.5, 1.25))
        for snippet in (race_text.scratch(walker), race_text.concise(walker)):
            assert printed(snippet.code) == snippet.output


@pytest.mark.parametrize("id", OPTIMIZERS)
def test_rule_has_the_numbers_of_the_step(id: str) -> None:
    surface = SURFACES["ravine"]
    race = SurfaceRace(surface, surface.start, {id: 0.1}, Hyper(), steps=5)
    walker = race.walkers[id]
    assert all(not number for *_, number in rule_lines(walker))
    race.advance(3)
    (x, y), before = walker.place, walker.path[-2]
    numbers = [number for *_, number in rule_lines(walker)]
    assert numbers[0] == rf"\left({tex(0.2 * before[0])},\; {tex(4 * before[1])}\right)"
    assert numbers[-1].startswith(rf"\left({tex(before[0])},\; {tex(before[1])}\right)")
    assert numbers[-1].endswith(rf"\left({tex(x)},\; {tex(y)}\right)")
    text = rule(walker)
    assert "$$" not in text, "a displayed formula does not break where the page is narrow"
    assert text.count("\n\n") == len(numbers) - 1
    for number in numbers:
        worked, _, result = number.rpartition(" = ")
        assert f"  \n$= {worked}$ ${{= {result}}}$" in text if worked else f"  \n$= {result}$" in text


def test_numbers_of_the_rule_add_up() -> None:
    """The last line of AdamW, computed from the numbers in the lines before, gives the step."""
    surface = SURFACES["ravine"]
    race = SurfaceRace(surface, surface.start, {"adamw": 0.1}, Hyper(weight_decay=0.2), steps=5)
    race.advance(4)
    walker = race.walkers["adamw"]
    number = r"-?[\d.]+(?: \\cdot 10\^\{-?\d+\})?"

    def pair(text: str) -> list[float]:
        found = re.findall(rf"\\left\(({number}),\\; ({number})\\right\)", text)[-1]
        return [float(part.replace(r" \cdot 10^{", "e").rstrip("}")) for part in found]

    _, _, _, m_hat, v_hat, last = (pair(line[2]) for line in rule_lines(walker))
    for i in range(2):
        before = walker.path[-2][i]
        expected = before - 0.1 * 0.2 * before - 0.1 * m_hat[i] / (math.sqrt(v_hat[i]) + 1e-8)
        assert last[i] == pytest.approx(expected, rel=1e-2)


# --- the network ------------------------------------------------------------------------------------------------------
TORCHS = Hyper()
NET_LRS = {id: LESSON.settings[f"net_{id}"].default for id in OPTIMIZERS}


def network(
    lrs: dict[str, float], kind: str = "spiral", epochs: int = 60, hyper: Hyper = TORCHS, noise: float = 0.1
) -> NetworkRace:
    race = NetworkRace(lrs, hyper, kind=kind, noise=noise, seed=1, epochs=epochs)
    race.advance(epochs)
    return race


@pytest.mark.parametrize("kind", ["spiral", "moons"])
def test_all_optimizers_start_from_the_same_weights(kind: str) -> None:
    race = network({"sgd": 1.0, "adam": 0.1, "adamw": 0.1}, kind)
    learners = race.learners.values()
    assert len({learner.losses[0] for learner in learners}) == 1
    assert all(len(learner.losses) == 61 for learner in learners)
    assert all(learner.losses[-1] < learner.losses[0] for learner in learners)
    race.restart()
    assert {len(learner.losses) for learner in race.learners.values()} == {1}


@pytest.mark.parametrize("kind", ["spiral", "moons"])
def test_network_programs_have_an_output_at_the_default_learning_rates(kind: str) -> None:
    epochs = LESSON.settings["epochs"].default
    race = network(NET_LRS, kind, epochs)
    for id in OPTIMIZERS:
        for snippet in (race_text.network_scratch(race, id), race_text.network_concise(race, id)):
            assert printed(snippet.code) == snippet.output != ""


@settings(max_examples=15, deadline=None)
@given(
    id=IDS,
    kind=st.sampled_from(["spiral", "moons"]),
    lr=setting("net_sgd"),
    noise=setting("noise"),
    hyper=st.builds(Hyper, **{field.name: setting(field.name) for field in fields(Hyper)}),
    epochs=st.integers(0, 40),
)
def test_network_programs_print_their_output_for_any_settings(
    id: str, kind: str, lr: float, noise: float, hyper: Hyper, epochs: int
) -> None:
    race = network({id: lr}, kind, epochs, hyper, noise)
    for snippet in (race_text.network_scratch(race, id), race_text.network_concise(race, id)):
        got = printed(snippet.code)
        assert not snippet.output or got == snippet.output


def test_chaotic_network_has_no_output() -> None:
    race = network({"sgd": 4.0}, epochs=400)
    assert not race.diverged
    assert race_text.network_scratch(race, "sgd").output == race_text.network_concise(race, "sgd").output == ""


def test_other_networks_go_on_after_one_diverges() -> None:
    race = network({"adagrad": 0.1, "sgd": 1e200}, epochs=50)
    sgd, adagrad = race.learners["sgd"], race.learners["adagrad"]
    assert sgd.diverged
    assert (race.epoch, race.diverged) == (50, False)
    assert sgd.steps < 5
    assert all(map(math.isfinite, sgd.losses))
    assert adagrad.steps == 50
    assert network({"sgd": 1e200}, epochs=50).diverged
