"""Exported scripts are executed: they must print the app's numbers and notice wrong ones."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from programs import printed
from strategies import configs
from torch import nn

from dlcore.network.settings import ACTIVATIONS, INITS, OPTIMIZERS, SCHEDULES, TrainingConfig
from dlcore.settings.rules import ConfigError
from dlcore.spiral import codegen, data
from dlcore.spiral.codegen import CHINESE, LANGUAGES, TEMPLATE, script
from dlcore.spiral.config import FEATURES, DataConfig, RunConfig, replace_field
from dlcore.spiral.expectation import Expected, expected
from dlcore.spiral.experiments import PRESETS
from dlcore.spiral.table import Table, read_csv
from dlcore.spiral.training import Run

IMPORTS = {"torch", "math", "sys", "csv"}


def make(**fields: Any) -> RunConfig:
    """Return a run of some milliseconds with other settings, such as ``training__lr=1``."""
    config = RunConfig()
    for name, value in {"data__points": 20, "model__hidden": (8,), "training__epochs": 60, **fields}.items():
        config = replace_field(config, name.replace("__", "."), value)
    return config


def turn(choices: Any, i: int) -> Any:
    """Return the i-th choice in turn; each round begins one later, so that the combinations vary."""
    choices = list(choices)
    return choices[(i + i // len(choices)) % len(choices)]


def covering(i: int) -> RunConfig:
    """Return one of 18 runs that together have every choice which a script depends on."""
    optimizer = turn(OPTIMIZERS, i)
    return make(
        data__seed=100 + i,
        data__kind=turn(data.SHAPES, i),
        data__classes=turn((2, 3, 8), i),
        data__noise=turn((0.2, 0.0), i),
        data__test_share=turn((0.2, 0.0, 0.5), i),
        data__features=FEATURES[-turn(range(1, 8), i // 2) :] if i % 2 else ("x1", "x2"),
        model__hidden=turn(((8,), (8, 4), (), (6, 5, 4, 3, 3, 3)), i),
        model__activation=turn(ACTIVATIONS, i),
        model__embedding=turn((False, False, True), i),
        model__init=turn(INITS, i),
        model__draw=turn((1, 3), i),
        training__optimizer=optimizer,
        training__lr=0.05 if optimizer == "sgd" else 0.005,
        training__momentum=turn((0.9, 0.0, 0.5), i),
        training__schedule=turn(SCHEDULES, i),
        training__batch_size=turn((0, 16, 0, 1000), i),
        training__epochs=turn((60, 30, 1), i),
        training__l1=turn((0.0, 0.0, 0.001), i),
        training__l2=turn((0.01, 0.0), i),
        training__dropout=turn((0.0, 0.3, 0.0), i),
    )


COVERING = [covering(i) for i in range(18)]
WORDS = ("data.kind", "model.activation", "model.init", "training.optimizer", "training.schedule")


def finished(config: RunConfig, table: Table | None = None) -> Run:
    run = Run(config, table)
    run.advance(config.training.epochs)
    return run


def execute(text: str, monkeypatch: pytest.MonkeyPatch, *arguments: object) -> str:
    """Return the output of a script; its ``sys.exit`` raises SystemExit."""
    monkeypatch.setattr(sys, "argv", ["script.py", *map(str, arguments)])
    return printed(text)


def assert_same_report(run: Run, output: str) -> None:
    last = run.measure()
    for name, loss, accuracy, n in (
        ("TRAIN", last.train_loss, last.train_accuracy, len(run.prepared.train.y)),
        ("VALIDATION", last.validation_loss, last.validation_accuracy, len(run.prepared.validation.y)),
        ("TEST", last.test_loss, last.test_accuracy, len(run.prepared.test.y)),
    ):
        score = "R2" if run.config.data.regression else "ACCURACY"
        found = re.findall(rf"\[{name}\]: \[LOSS\]: (\S+), \[{score}\]: (\S+)", output)
        near = (pytest.approx(loss, rel=1e-3, abs=1e-5), pytest.approx(accuracy, abs=1e-3 + 1 / max(n, 1)))
        assert [tuple(map(float, pair)) for pair in found] == ([near] if n else [])


def test_every_choice_is_covered() -> None:
    for name, values in zip(WORDS, (data.SHAPES, ACTIVATIONS, INITS, OPTIMIZERS, SCHEDULES), strict=True):
        head, _, tail = name.partition(".")
        assert {getattr(getattr(config, head), tail) for config in COVERING} == set(values)
    assert {name for config in COVERING for name in config.data.features} == set(FEATURES)


@pytest.mark.parametrize("config", COVERING, ids=range(len(COVERING)))
def test_a_script_prints_the_losses_and_the_report_of_the_app(
    config: RunConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finished(config)
    wanted = expected(run)
    output = execute(script(config, expected=wanted), monkeypatch)
    assert output.endswith("Agrees with the app.") == bool(wanted.losses)
    losses = {int(t): float(x) for t, x in re.findall(r"\[EPOCH\]: (\d+), \[LOSS\]: (\S+)", output)}
    epochs = config.training.epochs
    assert sorted(losses) == sorted({*range(0, epochs, max(1, epochs // 20)), epochs - 1})
    for epoch in wanted.losses.keys() & losses.keys():
        assert losses[epoch] == pytest.approx(run.losses[epoch], rel=1e-4, abs=2e-6)
    if wanted.calm:
        assert_same_report(run, output)


def test_the_check_covers_most_runs_completely() -> None:
    calm = [expected(finished(config)).calm for config in COVERING]
    assert sum(calm) >= len(calm) / 2


@pytest.mark.parametrize("id", PRESETS)
def test_the_script_of_a_preset_agrees_with_the_app_in_its_first_epochs(
    id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = expected(finished(config := replace_field(PRESETS[id], "training.epochs", 3)))
    assert execute(script(config, expected=wanted), monkeypatch).endswith("Agrees with the app.") == bool(wanted.losses)


DRAWN = tuple((i / 100, (i * i % 200 - 100) / 100, i % 4) for i in range(-99, 100, 9))  # one class more than the run


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fields", [{}, {"training__batch_size": 7}, {"data__features": ("x1", "x1x2")}])
def test_the_script_of_own_points_holds_them(
    fields: dict[str, Any], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finished(config := make(data__kind="points", data__drawn=DRAWN, **fields))
    text = script(config, expected=expected(run), language=language)
    output = execute(text, monkeypatch)
    assert text.count("\n    (") > 1
    assert re.search(r"Agrees with the app|与应用一致", output)
    assert_same_report(run, output)


@pytest.mark.long
@pytest.mark.parametrize("id", PRESETS)
def test_the_script_of_a_preset_agrees_with_the_app(id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = expected(finished(config := PRESETS[id]))
    assert execute(script(config, expected=wanted), monkeypatch).endswith("Agrees with the app.") == bool(wanted.losses)


def test_a_script_runs_in_a_python_with_torch_alone(tmp_path: Path) -> None:
    config = make(training__batch_size=16, data__kind="moons")
    (tmp_path / "script.py").write_text(script(config, expected=expected(finished(config))), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "script.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["script.py"]


# --- the check --------------------------------------------------------------------------------------------------------
CHANGES = {
    "lr": ("LR = 0.01", "LR = 0.011"),
    "seed": ("SEED = 12345", "SEED = 12346"),
    "l1": ("L1 * penalty", "0 * penalty"),
    "l2": (", weight_decay=L2", ""),
    "momentum": ("MOMENTUM = 0.9", "MOMENTUM = 0.89"),
    "dropout": ("DROPOUT = 0.2", "DROPOUT = 0.25"),
    "batch": ("BATCH = 32", "BATCH = 31"),
    "init": ("kaiming_normal_", "kaiming_uniform_"),
    "activation": ("nn.ELU()", "nn.ReLU()"),
    "noise": ("NOISE = 0.2", "NOISE = 0.21"),
    "schedule": ("scheduler.step()", "pass"),
    "split": ("TEST_SHARE = 0.2", "TEST_SHARE = 0.25"),
    "draw": ("range(2)", "range(3)"),
    "features": ("X[:, 0] * X[:, 1]", "X[:, 0] + X[:, 1]"),
}


@pytest.mark.parametrize("id", CHANGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_script_of_a_different_run_fails_its_check(id: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished(
        make(
            data__features=("x1", "x2", "x1x2"),
            model__activation="elu",
            model__init="kaiming_normal",
            model__draw=2,
            training__optimizer="momentum",
            training__schedule="exponential",
            training__lr=0.01,
            training__l1=0.001,
            training__l2=0.01,
            training__batch_size=32 if id == "batch" else 0,
            training__dropout=0.2 if id == "dropout" else 0.0,
        )
    )
    text = script(run.config, expected=expected(run), language=language)
    assert execute(text, monkeypatch).endswith("Agrees with the app." if language == "en" else "与应用一致。")
    old, new = CHANGES[id]
    assert old in text
    with pytest.raises(
        SystemExit, match=r"^epoch \d+: loss \d\S+, in the app \d|^第 \d+ 个周期：损失 \d\S+，应用中为 \d"
    ):
        execute(text.replace(old, new), monkeypatch)


@pytest.mark.parametrize("epoch", [0, 49, 59])
@pytest.mark.parametrize(("change", "notices"), [(1.5e-4, True), (-1.5e-4, True), (5e-5, False), (float("nan"), True)])
def test_the_check_allows_a_difference_of_a_ten_thousandth(
    epoch: int, change: float, notices: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finished(make())
    right = expected(run)
    wrong = replace(right, losses={**right.losses, epoch: right.losses[epoch] * (1 + change)})
    text = script(run.config, expected=wrong).replace("nan", 'float("nan")')
    if notices:
        with pytest.raises(SystemExit, match=rf"^epoch {epoch}: "):
            execute(text, monkeypatch)
    else:
        assert execute(text, monkeypatch).endswith("Agrees with the app.")


def test_a_script_says_which_losses_depend_on_rounding() -> None:
    partly, wholly = Expected({0: 1.0}, calm=False), Expected({}, calm=False)
    said = [script(make(), expected=wanted) for wanted in (Expected({0: 1.0}, calm=True), partly, wholly)]
    assert ["may decide the losses" in text for text in said] == [False, True, False]
    assert ["nothing to compare" in text for text in said] == [False, False, True]
    assert ["EXPECTED" in text for text in said] == [True, True, False]


# --- tables and weights -----------------------------------------------------------------------------------------------
HOSTILE = ('""""""")\\#"', '"x, {y}  z"', "'q'", "# learning rate")  # as CSV writes them
TABLES = {
    "semicolons": ("height;weight;kind\n", lambda i: f"{20 + i};{i * i % 7};{('cat', 'dog')[i % 2]}"),
    "label first, tabs, blank rows": ("类别\t长\t宽\n\n", lambda i: f"{'甲乙丙'[i % 3]}\t{i}\t{i % 5}"),
    "numbers as classes, no header": ("", lambda i: f"{i / 7},{i % 4}, {i % 3}.0"),
    "hostile names": ("a,b,c\n", lambda i: f"{i},{i % 4},{HOSTILE[i % 4]}"),
    "names that do not print": ("\ufeffu,v,w\n", lambda i: f"{i},{i % 4},{chr(0x200B + i % 3)}a"),
    "long names": ("", lambda i: f"{i},{i % 4},{'abcdefgh'[i % 8] * 60}"),
}


def content_of(id: str) -> bytes:
    head, line = TABLES[id]
    return (head + "".join(f"{line(i)}\n" for i in range(30))).encode()


@pytest.mark.parametrize("id", TABLES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_script_of_a_table_reads_the_file(
    id: str, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data.csv").write_bytes(content_of(id))
    run = finished(make(data__kind="csv", training__lr=0.01), table := read_csv(content_of(id)))
    text = script(run.config, table, expected=expected(run), language=language)
    assert_same_report(run, execute(text, monkeypatch, tmp_path / "data.csv"))


def test_a_script_without_test_samples_has_no_split() -> None:
    table = read_csv(b"".join(b"%d,%d,%d\n" % (i, i * i, i % 2) for i in range(10)))
    few = make(data__kind="csv", data__test_share=0.05)
    assert script(few, table) == script(replace_field(few, "data.test_share", 0.0), table)
    assert "TEST_SHARE" not in script(few, table)


def test_a_table_is_named_only_in_the_script_that_reads_it() -> None:
    table = read_csv(content_of("semicolons"))
    assert script(make(), table) == script(make())
    assert "python script.py trains" in script(make())
    read = script(make(data__kind="csv", model__hidden=(8, 4)), table)
    assert read.startswith('"""A network 2 → 8 → 4 → 2 on the data set csv.')
    assert "python script.py data.csv trains" in read


def test_the_script_of_a_table_is_refused_without_the_table() -> None:
    with pytest.raises(ValueError, match=r"needs a table, got none$"):
        script(make(data__kind="csv"))


@pytest.mark.parametrize("config", COVERING[:3])
def test_a_script_loads_the_weights_of_the_app(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(config)
    run.advance(7)
    torch.save(run.engine.state_dict(), tmp_path / "spiral.pt")
    (tmp_path / "script.py").write_text(script(config), encoding="utf-8")
    text = script(config).replace("sys.exit()", "print('left'); sys.exit()")
    monkeypatch.setattr(sys, "argv", ["script.py", "--weights", str(tmp_path / "spiral.pt")])
    with pytest.raises(SystemExit) as left:
        exec(compile(text, "script.py", "exec"), {"__name__": "__main__"})
    assert not left.value.code
    output = capsys.readouterr().out
    assert "EPOCH" not in output
    assert_same_report(run, output)


# --- the text ---------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def folder_of_scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scripts")
    wanted = Expected({0: 1.1, 1: 1.0, 59: 0.5}, calm=False)
    variants: list[dict[str, Any]] = [
        {"config": config, "expected": wanted} for config in (*COVERING, *PRESETS.values())
    ]
    variants += [{"config": make(data__kind="points", data__drawn=drawn)} for drawn in ((), DRAWN[:1], DRAWN)]
    variants += [{"config": make(data__kind="csv"), "table": read_csv(content_of(id))} for id in TABLES]
    variants += [
        {"config": make(device="cuda"), "expected": wanted},
        {"config": make(device="mps", training__dropout=0.5, data__test_share=0.0)},
        {"config": make(), "expected": Expected({}, calm=False)},
    ]
    for i, variant in enumerate(variants):
        for language in LANGUAGES:
            (folder / f"script_{i}_{language}.py").write_text(script(**variant, language=language), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "command", [["check", "--select", "E,F,W,I,UP,B,C4,SIM,RET,PIE,PERF"], ["format", "--diff"]], ids=lambda c: c[0]
)
def test_scripts_pass_the_formatter_and_the_linter(command: list[str], folder_of_scripts: Path) -> None:
    ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", "--line-length", "100"]
    done = subprocess.run([*ruff, str(folder_of_scripts)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@settings(max_examples=50)
@given(configs().filter(lambda config: config.data.kind != "csv"))
def test_every_run_has_a_script_in_both_languages_that_does_not_import_the_app(config: RunConfig) -> None:
    english, chinese = (ast.parse(script(config, language=language)) for language in LANGUAGES)
    imported = {a.name for node in ast.walk(english) if isinstance(node, ast.Import) for a in node.names}
    imported |= {str(node.module) for node in ast.walk(english) if isinstance(node, ast.ImportFrom)}
    assert imported <= IMPORTS
    assert ast.dump(ast.Module(english.body[1:], [])) == ast.dump(ast.Module(chinese.body[1:], []))


def test_no_english_is_left_in_a_chinese_script(folder_of_scripts: Path) -> None:
    for path in folder_of_scripts.glob("*_zh.py"):
        comments = re.findall(r"(?m)(?:^|  )# (.*)$", path.read_text(encoding="utf-8"))
        assert [text for text in comments if not re.search(r"[\u4e00-\u9fff]|^\([\w, ]+\)$|^fmt: o(n|ff)$", text)] == []


def test_every_translation_is_used() -> None:
    sources = TEMPLATE + Path(data.__file__).read_text(encoding="utf-8") + codegen.PLANE
    assert [text for text in CHINESE if text not in sources] == []


@pytest.mark.parametrize(
    ("part", "needed"),
    [
        ("TEST_SHARE", make()),
        ("randperm(len(y_train))", make(training__batch_size=16)),
        ("nn.Dropout", make(training__dropout=0.3)),
        ("penalty", make(training__l1=0.001)),
        ("scheduler", make(training__schedule="cosine")),
        ("nn.init", make(model__init="zeros")),
        ("in range(3)", make(model__draw=3)),
        ("torch.stack([X[:, 0]", make(data__features=("x1",))),
        ("device", make(device="cuda")),
        ("MSELoss", make(data__kind="plane")),
        ("R2", make(data__kind="hills")),
    ],
)
def test_a_script_has_only_the_parts_that_its_run_needs(part: str, needed: RunConfig) -> None:
    least = make(data__test_share=0.0, training__l2=0.0, data__kind="xor")
    assert part not in script(least)
    assert part in script(needed).replace('"cuda"', "device")


def test_the_script_of_the_default_run_is_short() -> None:
    assert len(script(RunConfig()).splitlines()) <= 90


def test_a_script_with_dropout_on_a_gpu_says_that_its_masks_differ() -> None:
    wanted = Expected({0: 1.0}, calm=True)
    plain, dropping = (script(make(device="cuda", training__dropout=p), expected=wanted) for p in (0.0, 0.5))
    assert 'model.to("cuda")' in plain
    assert "EXPECTED" in plain
    assert "EXPECTED" not in dropping
    assert "dropout masks" in dropping


def test_invalid_arguments_of_script_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^language must be one of en, zh, got 'fr'$"):
        script(RunConfig(), language="fr")
    with pytest.raises(ConfigError):
        script(replace_field(RunConfig(), "data.classes", 0))


def test_the_template_runs_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    assert execute(TEMPLATE, monkeypatch).endswith("Agrees with the app.")


@pytest.mark.parametrize("test_share", [0.2, 0.0])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_script_keeps_the_same_samples_for_validation(
    test_share: float, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = DataConfig(points=40, test_share=test_share, validation_share=0.25)
    run = finished(RunConfig(data=points, training=TrainingConfig(lr=0.02, epochs=60)))
    output = execute(script(run.config, expected=expected(run), language=language), monkeypatch)
    assert len(run.prepared.validation.y) == round(0.25 * (120 - 120 * test_share))
    assert_same_report(run, output)


@pytest.mark.parametrize("config", COVERING, ids=range(len(COVERING)))
def test_the_counts_are_those_of_the_scripts_network(config: RunConfig) -> None:
    source = re.search(r"nn\.Sequential\(.*?\n *\)\n", script(config), re.DOTALL)
    assert source
    model = eval(source[0], {"nn": nn, "DROPOUT": 0.0, "CLASSES": config.data.n_classes})  # written by the app
    n_inputs, n_classes = len(config.data.features), config.data.n_classes
    assert config.model.parameters(n_inputs, n_classes) == sum(p.numel() for p in model.parameters())
    weights = [layer.weight.numel() for layer in model if isinstance(layer, nn.Linear)]
    assert config.model.multiply_adds(n_inputs, n_classes) == sum(weights)
