"""Every id, range and default of the learning pages: what can be set on each, under which key a link says it."""

from __future__ import annotations

from typing import Final

from dlcore.lesson import Lesson

# --- gradient descent ---
GRADIENT_DESCENT: Final = Lesson("gradient_descent")

# --- optimisers ---
OPTIMISERS: Final = Lesson("optimisers")

# --- linear regression ---
LINEAR_REGRESSION: Final = Lesson("linear_regression")

# --- softmax ---
SOFTMAX: Final = Lesson("softmax")

# --- images ---
IMAGES: Final = Lesson("images")

# --- activations ---
ACTIVATIONS: Final = Lesson("activations")

# --- generalisation ---
GENERALISATION: Final = Lesson("generalisation")


LESSONS: Final = (
    GRADIENT_DESCENT,
    OPTIMISERS,
    LINEAR_REGRESSION,
    SOFTMAX,
    IMAGES,
    ACTIVATIONS,
    GENERALISATION,
)
