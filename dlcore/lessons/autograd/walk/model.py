"""The backward pass through the graph of a formula by hand, edge by edge, and a check of every number against torch.

Each edge passes on ``upstream * local``: the gradient that has arrived at an operation, times the local derivative of
the operation by that argument. Where several edges meet, their products are summed (the chain rule). Non-finite
numbers follow torch's conventions.

>>> from dlcore.typed.expression import parse
>>> steps = backward(*forward(parse("y = x*x + x"), {"x": 3.0})).steps
>>> [(step.local, step.before, step.after) for step in steps if step.target == 0]
[(1.0, None, 1.0), (3.0, 1.0, 4.0), (3.0, 4.0, 7.0)]
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import torch

from dlcore.typed.expression import Node, Program, results

_ACCURACY: Final = 1e-9  # relative: torch sums and multiplies in another order


@dataclass(frozen=True, slots=True)
class BackwardStep:
    """One edge of the backward pass: from operation ``node`` to its argument ``target``, which is number ``slot``.

    ``before`` is the gradient of ``target`` before this edge, None if it is the first to arrive; ``after`` includes
    this edge. A blocked edge passes on 0 whatever arrives: relu of a non-positive argument, a power with exponent 0.
    """

    node: int
    slot: int
    target: int
    upstream: float
    local: float
    product: float
    before: float | None
    after: float


@dataclass(frozen=True, slots=True)
class Walk:
    """The values of all nodes and every step of backward; progress is 0 (forward), 1 (seed) and so on to ``length``."""

    program: Program
    values: tuple[float, ...]
    steps: tuple[BackwardStep, ...]

    @property
    def length(self) -> int:
        """Return the progress at the end: the seed and every edge."""
        return 1 + len(self.steps)

    def step(self, progress: int) -> BackwardStep | None:
        """Return the last step taken, or None before the first edge."""
        return self.steps[progress - 2] if progress >= 2 else None

    def gradients(self, progress: int | None = None) -> dict[int, float]:
        """Return the gradient that has arrived at each node by ``progress``, by default at the end."""
        taken = self.length if progress is None else progress
        gradients = {self.program.output: 1.0} if taken else {}
        for step in self.steps[: max(taken - 1, 0)]:
            gradients[step.target] = step.after
        return gradients

    def arrived(self, target: int, progress: int) -> list[BackwardStep]:
        """Return the steps that have reached the node ``target`` by ``progress``."""
        return [step for step in self.steps[: max(progress - 1, 0)] if step.target == target]

    def paths(self, target: int) -> int:
        """Return how many edges reach the node ``target`` in all."""
        return sum(step.target == target for step in self.steps)


def forward(program: Program, inputs: Mapping[str, float]) -> tuple[Program, tuple[float, ...]]:
    """Return the program and the float64 value of each of its nodes."""
    tensors = results(program, {name: torch.tensor(value, dtype=torch.float64) for name, value in inputs.items()})
    values = (float(tensors[i]) if i in tensors else float(node.value or 0.0) for i, node in enumerate(program.nodes))
    return program, tuple(values)


def backward(program: Program, values: tuple[float, ...]) -> Walk:
    """Take every edge that the result depends on, in reverse topological order."""
    gradients, steps = {program.output: 1.0}, []
    for i in reversed(range(len(program.nodes))):
        node = program.nodes[i]
        for slot, target in enumerate(node.args if i in gradients else ()):
            if program.nodes[target].op == "constant":
                continue
            local, blocked = local_derivative(program, values, i, slot)
            with np.errstate(all="ignore"):
                product = 0.0 if blocked else float(np.float64(gradients[i]) * local)
            before = gradients.get(target)
            after = product if before is None else before + product
            steps.append(BackwardStep(i, slot, target, gradients[i], local, product, before, after))
            gradients[target] = after
    return Walk(program, values, tuple(steps))


def local_derivative(program: Program, values: tuple[float, ...], i: int, slot: int) -> tuple[float, bool]:
    """Return the derivative of node ``i`` by its argument ``slot``, and whether the edge is blocked."""
    node = program.nodes[i]
    with np.errstate(all="ignore"):
        out, u = np.float64(values[i]), np.float64(values[node.args[0]])
        v = np.float64(values[node.args[1]]) if len(node.args) == 2 else np.float64(0)
        fixed = [program.nodes[k].op == "constant" for k in node.args]
        return _derivative(node, slot, u, v, out, fixed)


def _derivative(
    node: Node, slot: int, u: np.float64, v: np.float64, out: np.float64, fixed: list[bool]
) -> tuple[float, bool]:
    blocked = False
    match node.op, slot:
        case "add", _:
            local = np.float64(1)
        case "sub", _:
            local = np.float64(1 - 2 * slot)
        case "neg", _:
            local = np.float64(-1)
        case "mul", _:
            local = v if slot == 0 else u
        case "div", 0:
            local = 1 / v
        case "div", _:  # torch computes 2 / x as 1/x · 2
            local = -u * ((1 / v) * (1 / v)) if fixed[0] else -(u / v) / v
        case "pow", 0:
            base, exponent = torch.tensor(u), torch.tensor(v - 1)  # a power as torch has it: -0.0 ** -0.5 is -inf
            power = base ** float(exponent) if fixed[1] else base**exponent
            local, blocked = v * np.float64(float(power)), bool(v == 0)
        case "pow", _:
            local = np.float64(0) if u == 0 and v >= 0 else out * np.log(u)
        case "exp", _:
            local = out
        case "log", _:
            local = 1 / u
        case "sin", _:
            local = np.cos(u)
        case "cos", _:
            local = -np.sin(u)
        case "tanh", _:
            local = 1 - out * out
        case "sigmoid", _:
            local = (1 - out) * out
        case "sqrt", _:
            local = 1 / (2 * out)
        case "abs", _:
            local = np.float64((u > 0) * 1.0 - (u < 0))  # 0 at 0, and at NaN
        case "relu", _:
            local, blocked = np.float64(0 if u <= 0 else 1), bool(u <= 0)
        case _:
            raise AssertionError(f"no derivative for {node.op}")
    return (0.0 if blocked else float(local)), blocked


@dataclass(frozen=True, slots=True)
class Check:
    """A comparison of a walk with torch: the largest difference of a value or gradient, relative to max(1, its size).

    ``wrong`` holds the nodes that disagree; ``gradients`` are torch's by input name, None where no gradient arrived.
    """

    largest: float
    wrong: tuple[int, ...]
    gradients: Mapping[str, float | None]


def check(walk: Walk, inputs: Mapping[str, float]) -> Check:
    """Compute forward and backward with torch, and compare the value and gradient of every node."""
    program, ours = walk.program, walk.gradients()
    leaves = {name: torch.tensor(inputs[name], dtype=torch.float64, requires_grad=True) for name in program.inputs}
    tensors = results(program, leaves)
    for tensor in tensors.values():
        tensor.retain_grad()
    tensors[program.output].backward()  # type: ignore[no-untyped-call]
    # Where large products cancel, what is left carries their rounding.
    noise = max((abs(step.product) for step in walk.steps if math.isfinite(step.product)), default=0.0)
    largest, wrong = 0.0, []
    for i, tensor in tensors.items():
        grad = None if tensor.grad is None else float(tensor.grad)
        pairs = [(walk.values[i], float(tensor.detach()))]
        if (grad is None) != (i not in ours):
            wrong.append(i)
        elif grad is not None:
            pairs.append((ours[i], grad))
        for mine, theirs in pairs:
            if mine == theirs or (math.isnan(mine) and math.isnan(theirs)):
                continue
            difference = abs(mine - theirs) / max(1.0, abs(theirs))
            if not difference <= _ACCURACY * max(1.0, noise * 1e-3):  # also where it is NaN
                wrong.append(i)
            if math.isfinite(difference):
                largest = max(largest, difference)
    gradients = {name: None if leaf.grad is None else float(leaf.grad) for name, leaf in leaves.items()}
    return Check(largest, tuple(dict.fromkeys(wrong)), gradients)


Trouble = Literal["log", "sqrt", "div", "pow", "overflow", "local", "undefined", "vertical", "steep"]


def trouble(walk: Walk) -> tuple[int, Trouble] | None:
    """Return the first node whose value (or, if all are finite, gradient) is not finite and the reason, or None."""
    for i, value in enumerate(walk.values):
        if math.isfinite(value):
            continue
        node = walk.program.nodes[i]
        arguments = [walk.values[k] for k in node.args]
        reasons: dict[Trouble, bool] = {
            "log": arguments[0] <= 0,
            "sqrt": arguments[0] < 0,
            "div": arguments[-1] == 0,
            "pow": math.isnan(value) or arguments[0] == 0,
        }
        return i, next((kind for kind, holds in reasons.items() if kind == node.op and holds), "overflow")
    for step in walk.steps:
        if not math.isfinite(step.after):
            return step.target, _gradient_trouble(step)
    return None


def _gradient_trouble(step: BackwardStep) -> Trouble:
    """Classify why the first non-finite gradient arose."""
    if math.isnan(step.local):
        return "local"  # ln of a negative number: a power's derivative by its exponent
    if math.isnan(step.after):
        return "undefined"  # 0 · ∞ or ∞ − ∞
    return "vertical" if math.isinf(step.local) else "steep"


def convention(walk: Walk, step: BackwardStep) -> bool:
    """Return whether torch takes 0 for a derivative that does not exist: abs and relu at 0, the exponent of 0**0."""
    node = walk.program.nodes[step.node]
    arguments = [walk.values[k] for k in node.args]
    match node.op:
        case "abs" | "relu":
            return arguments[0] == 0
        case "pow":
            return step.slot == 1 and arguments == [0, 0]
    return False
