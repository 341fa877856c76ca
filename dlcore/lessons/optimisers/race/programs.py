"""The programs of the page on optimizers, with what they print.

Two programs round differently. The page promises an output only where the shadows of an optimizer (see
:data:`~dlcore.lessons.optimisers.race.model.KICKS`) print it too; elsewhere rounding decides it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dlcore.lessons.optimisers.network.model import HIDDEN, NetworkRace
from dlcore.lessons.optimisers.race.model import Vector2, Walker
from dlcore.lessons.optimisers.race.sampling import SAMPLES
from dlcore.network.programs import by_hand, by_torch
from dlcore.programs.snippet import Snippet
from dlcore.programs.template import Lines, read, render
from dlcore.spiral.codegen import drawing

_PLANE, _NETWORK = read(__file__, "plane"), read(__file__, "network")


def _reproducible(copies: Sequence[Vector2], text: Callable[[Vector2], str], digit: float) -> str:
    """Return the text of the first copy, or "" if the copies differ or one is close to another text.

    ``digit`` is the size of the last printed digit; copies within a hundredth of it count as equal.
    """
    mine, *shadows = copies
    pairs = [pair for shadow in shadows for pair in zip(mine, shadow, strict=True)]
    same = all(abs(a - b) <= digit / 100 * max(1.0, abs(a)) for a, b in pairs)  # false for NaN
    return text(mine) if same and len(set(map(text, copies))) == 1 else ""


def _prints(walker: Walker) -> str:
    def text(place: Vector2) -> str:
        return " ".join(f"{round(value, 6) + 0.0:.6g}" for value in place)

    return _reproducible((walker.place, *walker.shadows), text, 1e-6)


# --- on a function ----------------------------------------------------------------------------------------------------
def _on_function(walker: Walker, hand: bool) -> Snippet:
    formula, settings = walker.surface.program, walker.hyper.settings(walker.id, walker.lr)
    values = {
        "_BY_HAND": hand,
        "_formula": Lines(f"{formula.code}\nreturn {formula.result}"),
        "_START": list(walker.path[0][:2]),
        "_STEPS": walker.steps,
        "_END": walker.steps + 1,
        "_SAMPLED": walker.sampling is not None,
        "optimizer": by_torch(settings, walker.hyper, "[theta]"),
    }
    if walker.sampling:
        batch, seed = walker.sampling.batch_size, walker.sampling.seed
        values |= {"_HALF": SAMPLES // 2, "_SAMPLES": SAMPLES, "_BATCH": batch, "_SEED": seed}
    return Snippet(render(_PLANE, values | by_hand(walker.id, walker.lr, walker.hyper)), _prints(walker))


def scratch(walker: Walker) -> Snippet:
    """Return the program that does the walker's steps with the rule written out."""
    return _on_function(walker, True)


def concise(walker: Walker) -> Snippet:
    """Return the program that does the walker's steps with ``torch.optim``."""
    return _on_function(walker, False)


# --- on a network -----------------------------------------------------------------------------------------------------
def _network(race: NetworkRace, id: str, hand: bool) -> Snippet:
    learner, data = race.learners[id], race.data
    values = drawing(data) | {
        "_BY_HAND": hand,
        "_SEED": data.seed,
        "HIDDEN": HIDDEN,
        "_EPOCHS": learner.steps,
        "_END": learner.steps + 1,
        "optimizer": by_torch(learner.hyper.settings(id, learner.lr), learner.hyper),
    }
    output = _reproducible(learner.measured(), lambda pair: f"loss {pair[0]:.4f}, accuracy {pair[1]:.1%}", 1e-4)
    return Snippet(render(_NETWORK, values | by_hand(id, learner.lr, learner.hyper)), output)


def network_scratch(race: NetworkRace, id: str) -> Snippet:
    """Return the program that trains the network with the rule written out, on all weights as one vector."""
    return _network(race, id, True)


def network_concise(race: NetworkRace, id: str) -> Snippet:
    """Return the program that trains the network with ``torch.optim``."""
    return _network(race, id, False)
