"""Programs that the generalisation page shows for dropout, with their output."""

from __future__ import annotations

from torch import Tensor

from dlcore.lessons.generalisation.dropout.model import BATCH, LR, N_TEST, VALIDATION_BEGIN, DropoutFit
from dlcore.lessons.generalisation.model import best_record
from dlcore.network.from_scratch import mask
from dlcore.programs.snippet import Snippet
from dlcore.programs.template import read, render

_MASK, _NETWORK = read(__file__, "mask"), read(__file__, "network")


# --- one tensor -------------------------------------------------------------------------------------------------------
def _mask(
    by_hand: bool, x: Tensor, p: float, draws: int, seed: int, training: bool, output: Tensor, mean: Tensor
) -> Snippet:
    sizes = {"_SHAPE": tuple(x.shape), "_END": x.numel() + 1.0, "_DRAWS": draws}
    values = {"_BY_HAND": by_hand, "_mask": mask, "_P": p, "_TRAINING": training, "_SEED": seed}
    return Snippet(render(_MASK, sizes | values), f"{output}\n{mean}")


def mask_scratch(x: Tensor, p: float, draws: int, seed: int, training: bool, output: Tensor, mean: Tensor) -> Snippet:
    """Return the program for dropout by hand on ``x``, whose elements count from 1.

    It prints one draw, ``output``, and the ``mean`` of ``draws`` of them.
    """
    return _mask(True, x, p, draws, seed, training, output, mean)


def mask_concise(x: Tensor, p: float, draws: int, seed: int, training: bool, output: Tensor, mean: Tensor) -> Snippet:
    """Return the program that does the same as :func:`mask_scratch` with ``nn.Dropout``."""
    return _mask(False, x, p, draws, seed, training, output, mean)


# --- a network --------------------------------------------------------------------------------------------------------
def _network(run: DropoutFit, by_hand: bool) -> Snippet:
    values = {
        "_BY_HAND": by_hand,
        "_mask": mask,
        "_TEST": N_TEST,
        "_END": N_TEST + run.n_train,
        "_SEED": run.seed,
        "_P1": run.p[0],
        "_P2": run.p[1],
        "HIDDEN": run.hidden,
        "_EPOCHS": run.epoch,
        "_BATCH": BATCH,
        "_OPTIONS": {"lr": LR} | ({"weight_decay": run.weight_decay} if run.weight_decay else {}),
        "_VALIDATED": run.n_validation > 0,
        "_BEGIN": VALIDATION_BEGIN,
        "_STOP": VALIDATION_BEGIN + run.n_validation,
    }
    last = run.history[-1]
    losses = f"train loss {last.train_loss:.4f}, test loss {last.test_loss:.4f}"
    output = f"{losses}, test accuracy {last.test_accuracy:.3f}\nparameters {run.model.size}, norm of W {run.norm:.3f}"
    if run.n_validation:
        chosen = best_record(run.history, "loss", "validation")
        output += (
            f"\nepoch {chosen.epoch}, validation loss {chosen.validation_loss:.4f}, test loss {chosen.test_loss:.4f}"
        )
    return Snippet(render(_NETWORK, values), output)


def scratch(run: DropoutFit) -> Snippet:
    """Return the program that trains the network for the epochs done by ``run``, with dropout by hand."""
    return _network(run, True)


def concise(run: DropoutFit) -> Snippet:
    """Return the program that does the same as :func:`scratch` with torch's modules."""
    return _network(run, False)
