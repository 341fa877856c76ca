"""The program of a product."""

from __future__ import annotations

import torch
from torch import Tensor

from dlcore.lessons.linear_algebra.products.model import NAMES, MatrixProduct, step_at
from dlcore.programs.literal import tensor_literal
from dlcore.programs.snippet import Snippet


def snippet(p: MatrixProduct, step: int, stacks: tuple[list[Tensor], list[Tensor]] | None = None) -> Snippet:
    """Return the program that prints the product and, after the first term, the current sum as a dot product.

    ``stacks`` are the matrices of a bmm that cannot be stacked.
    """
    names = NAMES[p.kind]
    call = f"torch.{p.kind}({', '.join(names)})"
    lines = ["import torch", ""]
    if stacks:
        lines += ["try:"]
        for name, side in zip(names, stacks, strict=True):
            lines.append(f"    {name} = torch.stack([{', '.join(map(tensor_literal, side))}])")
        lines += [f"    print({call})", "except RuntimeError as error:", "    print(error)"]
        return Snippet("\n".join(lines), p.error)
    lines += [f"{name} = {tensor_literal(x)}" for name, x in zip(names, p.operands, strict=True)]
    if p.result is None:
        lines += ["try:", f"    print({call})", "except RuntimeError as error:", "    print(error)"]
        return Snippet("\n".join(lines), p.error)
    lines.append(f"print({call})")
    printed = [str(p.result)]
    here = step_at(p, step)
    if here.at is not None and p.kind != "dot":
        batch, row, column = here.at
        left = f"{names[0]}[{batch}, {row}]" if p.kind == "bmm" else f"{names[0]}[{row}]"
        right = {"mv": names[1], "mm": f"{names[1]}[:, {column}]"}.get(p.kind, f"{names[1]}[{batch}, :, {column}]")
        lines.append(f"print(torch.dot({left}, {right}))")
        printed.append(str(torch.dot(p.left[batch, row], p.right[batch, :, column])))
    return Snippet("\n".join(lines), "\n".join(printed))
