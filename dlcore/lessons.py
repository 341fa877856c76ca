"""All lessons, in the order of the course."""

from __future__ import annotations

from typing import Final

from dlcore.basics import config as basics
from dlcore.learning import config as learning
from dlcore.lesson import Lesson

LESSONS: Final[tuple[Lesson, ...]] = (*basics.LESSONS, *learning.LESSONS)
