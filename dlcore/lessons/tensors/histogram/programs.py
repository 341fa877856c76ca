"""The program of the histogram."""

from __future__ import annotations

from dlcore.lessons.tensors.histogram.model import Histogram
from dlcore.programs.snippet import Snippet


def snippet(counted: Histogram) -> Snippet:
    """Return the program that draws and counts, and its output."""
    low, high = (float(edge) for edge in counted.edges[[0, -1]])
    code = (
        "import torch",
        "",
        f"torch.manual_seed({counted.seed})",
        f"x = {counted.mean} + {counted.sd} * torch.randn({counted.n})",
        f"counts = torch.histc(x, bins={len(counted.counts)}, min={low}, max={high})",
        "print(int(counts.sum()), int(counts.max()))",
        "print(x.mean(), x.std())",
    )
    first = f"{int(counted.counts.sum())} {int(counted.counts.max())}"
    return Snippet("\n".join(code), f"{first}\n{counted.sample_mean!s} {counted.sample_sd!s}")
