"""What each lesson computes, draws and shows as code: a folder a lesson, with its ``settings.py``."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from dlcore.settings.lesson import Lesson


@cache
def all_lessons() -> tuple[Lesson, ...]:
    """Return the settings of every lesson: ``LESSON`` of each folder's ``settings.py``, in alphabetical order."""
    return tuple(
        importlib.import_module(f"{__name__}.{folder.name}.settings").LESSON
        for folder in pkgutil.iter_modules(__path__)
    )
