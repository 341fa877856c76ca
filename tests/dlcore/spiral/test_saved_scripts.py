"""Scripts that earlier versions exported still do the same run as the links saved with them."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pytest

from dlcore.spiral.config import SPIRAL, RunConfig
from dlcore.spiral.table import read_csv
from dlcore.spiral.training import Run

SAVED = Path(__file__).parents[2] / "saved" / "scripts"
LINKS = json.loads((SAVED / "links.json").read_text(encoding="utf-8"))


def test_every_saved_script_has_a_link() -> None:
    assert {path.stem for path in SAVED.glob("*.py")} - {"conftest"} == set(LINKS)


@pytest.mark.parametrize("name", LINKS)
def test_a_saved_script_does_the_run_of_its_link(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values, violations = SPIRAL.parse(LINKS[name])
    config = RunConfig.of(values)
    assert not violations
    table = SAVED / "table.csv"
    run = Run(config, read_csv(table.read_bytes()) if config.data.kind == "csv" else None)
    run.advance(config.training.epochs)
    monkeypatch.setattr(sys, "argv", ["script.py", str(table)])
    variables = runpy.run_path(str(SAVED / f"{name}.py"), run_name="__main__")
    assert variables["losses"] == pytest.approx(run.losses, rel=1e-4)
