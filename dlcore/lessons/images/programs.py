"""Programs that the images page shows, with their output: the run from scratch and by torch, and the batches."""

from __future__ import annotations

from typing import Any

import torch

from dlcore.images import download
from dlcore.images.data import CLASSES, DIGITS_TEST, MEASURED, Images
from dlcore.lessons.images.model import ImagesRun
from dlcore.network.from_scratch import mask
from dlcore.network.optimizers import Hyper
from dlcore.network.programs import by_hand, by_torch
from dlcore.network.settings import TrainingConfig
from dlcore.programs.snippet import Snippet
from dlcore.programs.template import Code, read, render

_PROGRAM = read(__file__, "program")


def _program(how: str, images: Images, values: dict[str, Any]) -> str:
    data = {
        "_HOW": how,
        "_FASHION": images.name != "digits",
        "URL": download.MIRRORS[0],
        "FOLDER": Code(f'pooch.os_cache("{download.PROJECT}") / "fashion-mnist"'),
        "INPUTS": images.side**2,
        "CLASSES": CLASSES,
        "_TRAIN": len(images.train),
        "_TEST": DIGITS_TEST if images.name == "digits" else MEASURED,
        "_LEVELS": images.levels,
    }
    files = {
        name: (file.name, file.md5)
        for name, file in zip(("_X", "_Y", "_X_TEST", "_Y_TEST"), download.FASHION, strict=True)
    }
    return render(_PROGRAM, {"_VALID": 0} | data | files | values)


def _run(how: str, run: ImagesRun) -> Snippet:
    t, double, last = run.training, run.images.dtype == torch.float64, run.history[-1]
    values = {
        "_HIDDEN": t.kind != "softmax",
        "HIDDEN": t.hidden,
        "_P": t.drop_probability,
        "_mask": mask,
        "_SEED": t.seed,
        "_DTYPE": Code(str(run.images.dtype)),
        "_OPTIONS": {"dtype": Code("torch.float64")} if double else {},
        "_BATCH": t.batch_size,
        "epochs": last.epoch,
        "_ADAM": t.optimizer == "adam",
        "_DECAY": t.weight_decay,
        "_VALID": t.n_validation,
        "_TRAIN": len(run.images.train) + t.n_validation,
        "optimizer": by_torch(TrainingConfig(optimizer=t.optimizer, lr=t.lr, l2=t.weight_decay)),
    }
    code = _program(how, run.images, values | by_hand(t.optimizer, t.lr, Hyper()))
    # The last digits of single precision depend on the machine.
    output = f"epoch {last.epoch}: test loss {last.test_loss:.4f}, accuracy {last.test_accuracy:.4f}"
    output += f"\nparameters {run.model.size}"
    if t.n_validation:
        best = run.chosen
        output += (
            f"\nbest on validation: epoch {best.epoch}, loss {best.validation_loss:.4f}, on test {best.test_loss:.4f}"
        )
    return Snippet(code, output if double else "")


def scratch(run: ImagesRun) -> Snippet:
    """Return the program that trains for the epochs done by ``run``, with tensors and autograd alone."""
    return _run("scratch", run)


def concise(run: ImagesRun) -> Snippet:
    """Return the program that does the same as :func:`scratch` with torch's modules, loss and optimizer."""
    return _run("concise", run)


def batches(images: Images, batch_size: int, seed: int, X: torch.Tensor, y: torch.Tensor) -> Snippet:
    """Return the program that makes the loader and prints its first batch, X and y."""
    code = _program("batches", images, {"_BATCH": batch_size, "_SEED": seed})
    return Snippet(code, f"{-(-len(images.train) // batch_size)} batches\n{X.shape} {y.shape}\n{y[:8]}")
