"""Generated scripts: executed in an empty folder, where they must print the app's numbers and notice wrong ones."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from strategies import configs

from dlcore.network.settings import ACTIVATIONS, INITS, OPTIMIZERS, SCHEDULES
from dlcore.settings.rules import ConfigError
from dlcore.spiral.codegen import script
from dlcore.spiral.codegen_text import LANGUAGES
from dlcore.spiral.config import DATASETS, FEATURES, RunConfig, replace_field
from dlcore.spiral.expectation import Expectation, Expected, expected
from dlcore.spiral.experiments import PRESETS
from dlcore.spiral.table import Table, read_csv
from dlcore.spiral.training import Run

# Runs scripts in one process, which imports torch once: [[path, *arguments], …] -> [[exit code, output], …].
DRIVER = """
import contextlib, io, json, runpy, sys, torch
torch.set_num_threads(1)
results = []
for arguments in json.loads(sys.stdin.read()):
    sys.argv, code, output = arguments, 0, io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as stop:
        code = stop.code
    results.append([code, output.getvalue()])
print(json.dumps(results))
"""
IMPORTS = {"torch", "math", "sys", "csv"}


def make(**fields: Any) -> RunConfig:
    """A run of some milliseconds, with ``training__lr=1`` for ``training.lr``."""
    config = RunConfig()
    for name, value in {"data__points": 20, "model__hidden": (8,), "training__epochs": 60, **fields}.items():
        config = replace_field(config, name.replace("__", "."), value)
    return config


# Every value of every choice, and combinations of what meets in one block of a script.
CONFIGS: dict[str, RunConfig] = {
    "small": make(),
    **{f"kind={kind}": make(data__kind=kind) for kind in DATASETS if kind != "csv"},
    **{f"activation={id}": make(model__activation=id, model__hidden=(8, 4)) for id in ACTIVATIONS},
    **{f"optimizer={id}": make(training__optimizer=id, training__lr=0.01) for id in OPTIMIZERS},
    **{f"schedule={id}": make(training__schedule=id) for id in SCHEDULES},
    **{f"init={id}": make(model__init=id, training__l2=0.0) for id in INITS},
    **{f"features={n}": make(data__features=FEATURES[-n:]) for n in range(1, len(FEATURES) + 1)},
    "everything kept": make(data__test_share=0.0),
    "without noise": make(data__noise=0.0),
    "batch": make(training__batch=16),
    "batch of more than all": make(training__batch=1000),
    "dropout": make(training__dropout=0.3, model__hidden=(8, 8), model__activation="elu"),
    "embedding": make(model__embedding=True),
    "linear": make(model__hidden=()),
    "linear embedding": make(model__hidden=(), model__embedding=True, model__draw=2),
    "six layers": make(model__hidden=(8, 7, 6, 5, 4, 3), model__activation="tanh"),
    "l1": make(training__l1=0.001),
    "l1 in batches": make(training__l1=0.001, training__batch=16, training__l2=0.0),
    "no decay in adamw": make(training__optimizer="adamw", training__l2=0.0),
    "nesterov without momentum": make(training__optimizer="nesterov", training__momentum=0.0),
    "third draw with init": make(model__draw=3, model__init="xavier_normal"),
    "one epoch": make(training__epochs=1, training__schedule="step"),
    "many things": make(
        data__kind="gaussians",
        data__classes=8,
        data__features=FEATURES,
        model__hidden=(16, 16),
        model__init="kaiming_normal",
        model__draw=2,
        model__embedding=True,
        training__optimizer="nesterov",
        training__schedule="cosine",
        training__batch=32,
        training__l1=1e-4,
        training__l2=0.01,
        training__dropout=0.2,
    ),
    "chaotic": make(training__optimizer="sgd", training__lr=10.0, model__hidden=(32, 32), data__test_share=0.0),
    "diverging": make(training__optimizer="momentum", training__lr=10.0, model__activation="identity"),
    **{f"preset {id}": replace_field(config, "training.epochs", 10) for id, config in PRESETS.items()},
}
PRINTS_THE_SAME = [id for id in CONFIGS if id not in ("chaotic", "diverging", "preset too_wide_a_step")]


def rows(line: Callable[[int], str]) -> str:
    return "".join(f"{line(i)}\n" for i in range(30))


HOSTILE = ('""""""")\\#"', '"x, {y}  z"', "'q'")  # as CSV writes them
TABLES = {
    "semicolons": "height;weight;kind\n" + rows(lambda i: f"{20 + i};{i * i % 7};{('cat', 'dog')[i % 2]}"),
    "label first, tabs, blank rows": "类别\t长\t宽\n\n" + rows(lambda i: f"{'甲乙丙'[i % 3]}\t{i}\t{i % 5}"),
    "numbers as classes, no header": rows(lambda i: f"{i / 7},{i % 4}, {i % 3}.0"),
    "hostile names": "a,b,c\n" + rows(lambda i: f"{i},{i % 4},{HOSTILE[i % 3]}"),
    "long names": rows(lambda i: f"{i},{i % 4},{'abcdefgh'[i % 8] * 60}"),
}


@dataclass(frozen=True)
class Result:
    code: Any
    output: str

    @property
    def losses(self) -> dict[int, float]:
        return {int(t): float(x) for t, x in re.findall(r"\[EPOCH\]: (\d+), \[LOSS\]: (\S+)", self.output)}

    def report(self, name: str) -> tuple[float, float]:
        match = re.search(rf"\[{name}\]: \[LOSS\]: (\S+), \[ACCURACY\]: (\S+)", self.output)
        assert match is not None, self.output
        return float(match[1]), float(match[2])


def execute(folder: Path, jobs: list[tuple[str, list[str]]]) -> list[Result]:
    """Run scripts (their text and arguments) without this project on the path."""
    arguments = []
    for name, (text, rest) in zip(count(), jobs, strict=False):
        path = folder / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        arguments.append([str(path), *rest])
    done = subprocess.run(
        [sys.executable, "-I", "-c", DRIVER], input=json.dumps(arguments), cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return [Result(code, output) for code, output in json.loads(done.stdout)]


@dataclass(frozen=True)
class Executed:
    run: Run
    expected: Expected
    result: Result


def finished(config: RunConfig, table: Table | None = None) -> Run:
    run = Run(config, table)
    run.advance(config.training.epochs)
    return run


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Executed]:
    runs = {id: finished(config) for id, config in CONFIGS.items()}
    wanted = {id: expected(run.config, run=run) for id, run in runs.items()}
    jobs = [(script(run.config, expected=wanted[id]), list[str]()) for id, run in runs.items()]
    results = execute(tmp_path_factory.mktemp("empty"), jobs)
    return {id: Executed(runs[id], wanted[id], result) for id, result in zip(runs, results, strict=True)}


def assert_same_report(run: Run, result: Result) -> None:
    last = run.measure()
    for name, loss, accuracy, n in (
        ("TRAIN", last.train_loss, last.train_accuracy, len(run.problem.train.y)),
        ("TEST", last.test_loss, last.test_accuracy, len(run.problem.test.y)),
    ):
        if n:
            assert result.report(name) == (pytest.approx(loss, abs=2e-5), pytest.approx(accuracy, abs=1e-3 + 1 / n))
        else:
            assert f"[{name}]" not in result.output


@pytest.mark.parametrize("id", CONFIGS)
def test_a_script_agrees_with_the_app_in_its_own_judgement(id: str, executed: dict[str, Executed]) -> None:
    assert executed[id].result.code == 0, executed[id].result.code
    assert executed[id].result.output.endswith("Agrees with the app.\n")


@pytest.mark.parametrize("id", PRINTS_THE_SAME)
def test_a_script_prints_the_losses_and_the_report_of_the_app(id: str, executed: dict[str, Executed]) -> None:
    run, result = executed[id].run, executed[id].result
    assert max(result.losses) == run.config.training.epochs - 1
    for epoch, loss in result.losses.items():
        assert loss == pytest.approx(run.losses[epoch], abs=2e-5)
    assert_same_report(run, result)


def test_the_check_of_most_runs_is_as_narrow_as_it_can_be(executed: dict[str, Executed]) -> None:
    calm = [executed[id].expected for id in PRINTS_THE_SAME]
    full = [e for e in calm if len(e.losses) == min(50, (e.final_epoch or 0) + 1) and e.first_tolerance == 1e-5]
    assert len(full) >= 0.9 * len(calm)
    assert executed["diverging"].expected.diverged_at is not None
    assert executed["small"].expected.final_tolerance == 1e-5


def test_a_script_needs_nothing_but_a_python_with_torch(tmp_path: Path) -> None:
    config = make(training__batch=16)
    (tmp_path / "script.py").write_text(script(config, expected=expected(config)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "script.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["script.py"]


def test_a_script_notices_other_numbers(tmp_path: Path) -> None:
    run = finished(make())
    right = expected(run.config, run=run)
    assert right.final_loss is not None
    wrong = [
        replace(right, losses=(right.losses[0] + 2e-5, *right.losses[1:])),
        replace(right, losses=(*right.losses[:-1], right.losses[-1] - 2e-5)),
        replace(right, final_loss=right.final_loss + 2e-5),
        replace(right, final_epoch=None, final_loss=None, final_tolerance=None, twin_distance=None, diverged_at=7),
    ]
    jobs = [(script(run.config, expected=e, language=language), []) for e in wrong for language in LANGUAGES]
    jobs.append((script(run.config, expected=right).replace("LR = 0.001", "LR = 0.0011"), []))
    jobs.append((script(run.config, expected=right).replace("SEED = 12345", "SEED = 12346"), []))
    for result in execute(tmp_path, jobs):
        assert isinstance(result.code, str)  # sys.exit(message): prints it and exits with 1
        assert "Agrees" not in result.output


def test_the_script_of_a_table_reads_the_file(tmp_path: Path) -> None:
    config = make(data__kind="csv", training__lr=0.01)
    runs, jobs = [], []
    for i, content in enumerate(TABLES.values()):
        (tmp_path / f"{i}.csv").write_bytes(content.encode())
        table = read_csv(content.encode())
        runs.append(finished(config, table))
        jobs.append((script(config, table, expected=expected(config, table, run=runs[-1])), [f"{i}.csv"]))
    for run, result in zip(runs, execute(tmp_path, jobs), strict=True):
        assert result.code == 0, result.code
        assert_same_report(run, result)


def test_the_script_of_a_table_needs_it() -> None:
    with pytest.raises(ValueError, match=r"needs a table, got none$"):
        script(make(data__kind="csv"))


def test_a_script_takes_the_weights_of_the_app(tmp_path: Path) -> None:
    runs = {id: Run(CONFIGS[id]) for id in ("small", "dropout", "many things")}
    for id, run in runs.items():
        run.advance(7)
        torch.save(run.engine.state_dict(), tmp_path / f"{id}.pt")
    jobs = [(script(run.config), ["--weights", f"{id}.pt"]) for id, run in runs.items()]
    for run, result in zip(runs.values(), execute(tmp_path, jobs), strict=True):
        assert (result.code or 0, result.losses) == (0, {})
        assert_same_report(run, result)


# --- the text -------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def folder_of_scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scripts")
    e = Expected((1.1, 1.0), 1e-5, 9, 0.5, 2e-5, 6e-7)
    variants: list[Callable[..., str]] = [partial(script, config, expected=e) for config in CONFIGS.values()]
    variants += [partial(script, make(data__kind="csv"), read_csv(text.encode())) for text in TABLES.values()]
    variants += [
        partial(script, make(device="cuda"), expected=e),
        partial(script, make(device="mps", training__dropout=0.5, data__test_share=0.0)),
        partial(script, make(), weights_file=False),
        partial(script, make(), expected=Expected((1.0,), 1e-5, diverged_at=3)),
        partial(script, make(), expected=Expected((1.0,), 1e-5, 9, 0.5, None, 0.3)),
        partial(script, make(), expected=Expected((), 1e-5, 9, 0.5, None, 0.3)),
    ]
    for i, variant in enumerate(variants):
        for language in LANGUAGES:
            (folder / f"script_{i}_{language}.py").write_text(variant(language=language), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "command", [["check", "--select", "E,F,W,I,UP,B,C4,SIM,RET,PIE,PERF"], ["format", "--check"]], ids=lambda c: c[0]
)
def test_scripts_are_as_a_formatter_and_a_linter_want_them(command: list[str], folder_of_scripts: Path) -> None:
    ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", "--line-length", "100"]
    done = subprocess.run([*ruff, str(folder_of_scripts)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@settings(max_examples=100)
@given(configs().filter(lambda config: config.data.kind != "csv"))
def test_every_run_has_a_script_without_this_project(config: RunConfig) -> None:
    for language in LANGUAGES:
        text = script(config, language=language)
        tree = ast.parse(text)
        imported = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
        imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert imported <= IMPORTS
        assert max(map(len, text.splitlines())) <= 100
        compile(text, "script.py", "exec")


@given(configs())
@settings(max_examples=30)
def test_both_languages_have_the_same_code(config: RunConfig) -> None:
    if config.data.kind != "csv":
        english, chinese = (ast.parse(script(config, language=language)) for language in LANGUAGES)
        assert ast.dump(ast.Module(english.body[1:], [])) == ast.dump(ast.Module(chinese.body[1:], []))


@pytest.mark.parametrize(
    ("part", "needing"),
    [
        ("TEST_SHARE", "small"),
        ("randperm(len(y_train))", "batch"),
        ("nn.Dropout", "dropout"),
        ("penalty", "l1"),
        ("scheduler", "schedule=cosine"),
        ("nn.init", "init=zeros"),
        ("in range(3)", "third draw with init"),
        ("torch.stack((X[:, 0]", "features=7"),
    ],
)
def test_a_script_has_only_the_parts_that_its_run_needs(part: str, needing: str) -> None:
    least = make(data__test_share=0.0, training__l2=0.0, data__kind="xor")
    assert part not in script(least)
    assert part in script(CONFIGS[needing]).replace("torch.stack(\n    (\n        X[:, 0]", "torch.stack((X[:, 0]")


def test_the_script_of_the_default_can_be_read_at_a_sitting() -> None:
    assert len(script(RunConfig()).splitlines()) <= 80


def test_a_script_on_a_gpu_says_that_its_masks_are_its_own() -> None:
    e = Expected((1.0,))
    plain, dropping = (script(make(device="cuda", training__dropout=p), expected=e) for p in (0.0, 0.5))
    assert 'device = torch.device("cuda")' in plain
    assert "EXPECTED" in plain
    assert "EXPECTED" not in dropping
    assert "dropout masks" in dropping


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^language must be one of en, zh, got 'fr'$"):
        script(RunConfig(), language="fr")
    with pytest.raises(ConfigError):
        script(replace_field(RunConfig(), "data.classes", 0))


# --- what to expect -------------------------------------------------------------------------------------------------
def test_an_expectation_is_the_same_whether_the_run_is_given_or_not_and_in_pieces_or_not() -> None:
    config = make(training__batch=16, training__dropout=0.2)
    pieces = Expectation(config)
    seen = [pieces.progress]
    while not pieces.done:
        pieces.advance_for(0.0)
        seen.append(pieces.progress)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)
    assert pieces.result == expected(config, run=finished(config)) == expected(config)


def test_an_unfinished_run_gives_the_beginning_and_is_not_advanced() -> None:
    run = Run(make())
    run.advance(5)
    e = expected(run.config, run=run)
    assert (e.losses, e.final_epoch, run.epoch) == (tuple(run.losses), None, 5)


def test_a_run_that_was_changed_on_the_way_has_no_expectation() -> None:
    run = Run(make())
    run.advance(5)
    run.change(replace_field(run.config, "training.lr", 0.1))
    with pytest.raises(ValueError, match=r"got one that was changed$"):
        Expectation(run.config, run=run)


def test_an_expectation_is_read_when_it_is_done() -> None:
    with pytest.raises(RuntimeError, match=r"got one at 0%$"):
        _ = Expectation(make()).result
