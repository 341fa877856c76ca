"""Categories of the messages of torch's exceptions; pages explain each category in the reader's language.

>>> explanation("mat1 and mat2 shapes cannot be multiplied (2x4 and 3x3)")
'inner_sizes'
>>> explanation("something new")
'other'
"""

from __future__ import annotations

import re
from typing import Final

from dlcore.lessons.tensors.refusal import Refused

# The first pattern that matches names the category, so patterns of a single function stand before general ones.
_PATTERNS: Final = (
    ("inner_sizes", r"shapes cannot be multiplied|size mismatch, got input|first two dimensions of batch2"),
    ("one_dimensional", r"1D tensors expected|vector \+ matrix @ vector"),
    ("dot_sizes", r"inconsistent tensor size"),
    ("three_entries", r"must have length 3|linalg\.cross: inputs must have the same number"),
    ("broadcast", r"must match the size of tensor b"),
    ("cat_sizes", r"Sizes of tensors must match except in dimension"),
    ("stack_sizes", r"stack expects each tensor to be equal size"),
    ("not_square", r"must be batches of square matrices"),
    ("singular", r"the input matrix is singular"),
    ("view_strides", r"view size is not compatible"),
    ("numel", r"shape '.*' is invalid for input of size"),
    ("two_inferred", r"only one dimension can be inferred"),
    ("negative_size", r"invalid shape dimension"),
    ("permute_count", r"does not match the length of the desired ordering"),
    ("repeated_axis", r"duplicate dims"),
    ("axis_range", r"Dimension out of range"),
    ("k_range", r"selected index k out of range"),
    ("zero_division", r"ZeroDivisionError"),
    ("bool_minus", r"with two bool tensors is not supported"),
    ("float_needed", r"floating point or complex"),
    ("dtype", r"not implemented for '|does not support bool"),
)
OTHER: Final = "other"
CATEGORIES: Final = (*(category for category, _ in _PATTERNS), OTHER)

_COMPILED: Final = tuple((category, re.compile(pattern)) for category, pattern in _PATTERNS)


def explanation(message: str) -> str:
    """Return the category of a message of torch: one of :data:`CATEGORIES`."""
    return next((category for category, pattern in _COMPILED if pattern.search(message)), OTHER)


def refused(error: Exception) -> Refused:
    """Return an exception of torch with its category, under the class name by which a program can catch it."""
    kind = type(error).__name__
    return Refused("torch.linalg.LinAlgError" if kind == "_LinAlgError" else kind, str(error), explanation(str(error)))
