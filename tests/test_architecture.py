"""What may import what, and what may stand nowhere. Read from the sources; nothing is imported."""

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAX_LINES = 400  # of a module of dlcore; past 300 ask which second subject has moved in

# Which modules of dlcore each of them may import, low to high.
PARTS = {"rules", "config", "features", "data", "table", "device", "activations", "model", "optim"}
ENGINES = PARTS | {"engine", "plain"}
RUNS = ENGINES | {"training", "expectation"}
ALLOWED: dict[str, set[str]] = {
    "encoding": set(),
    "errors": set(),
    "typed": set(),
    "rules": set(),
    "codec": {"rules"},
    "snippet": set(),
    "lesson": {"rules", "codec"},
    "config": {"rules"},
    "palette": set(),
    "vega": set(),
    "grid": {"palette", "vega"},
    "features": {"config"},
    "data": {"config"},
    "table": {"config", "data", "encoding", "errors"},
    "device": {"config", "rules"},
    "activations": {"config"},
    "model": {"config"},
    "optim": {"config"},
    "graph": set(),
    "engine": PARTS | {"graph"},
    "plain": PARTS,
    "training": ENGINES,
    "expectation": ENGINES | {"training"},
    "regions": RUNS | {"palette"},
    "charts": RUNS | {"palette", "vega"},
    "experiments": RUNS,
    # Links and scripts are made from a run's description. They know nothing of the engine.
    "share": {"config", "rules", "codec"},
    "codegen_text": {"config"},
    "codegen": {"config", "table", "features", "optim", "expectation", "codegen_text"},
    # The basics: one module a subject, which none of the run's machinery knows.
    "basics.config": {"rules", "lesson"},
    "basics.small_table": {"encoding", "errors"},
    "basics.preparation": {"basics.config", "basics.small_table", "errors", "snippet"},
    "basics.probability": {"basics.config", "errors", "snippet"},
    "basics.probability_charts": {"basics.probability", "palette", "vega"},
    "basics.__init__": set(),
    "basics.broadcasting": {"snippet"},
    "basics.broadcasting_picture": {"basics.broadcasting", "grid", "palette", "vega"},
    "basics.linear_algebra": {"snippet"},
    "basics.plane": {"basics.linear_algebra", "palette", "vega"},
    "basics.products": {"basics.literal", "grid", "snippet"},
    "basics.norms": {"basics.literal", "basics.plane", "palette", "snippet", "vega"},
    "basics.vectorisation": {"snippet"},
    "basics.vectorisation_chart": {"basics.vectorisation", "palette", "vega"},
    "basics.expression_text": {"basics.config", "errors", "typed"},
    "basics.expression": {"basics.expression_text"},
    "basics.compute_graph": {"basics.expression"},
    "basics.graph_inputs": {"basics.config", "errors", "basics.expression"},
    "basics.gradients": {"basics.literal", "errors", "snippet"},
    "basics.detach": {"basics.config", "grid", "palette", "snippet", "vega"},
    "basics.control_flow": {"basics.config", "errors", "grid", "palette", "snippet", "vega"},
    "basics.derivative": {
        "basics.compute_graph",
        "basics.config",
        "errors",
        "palette",
        "snippet",
        "vega",
        "basics.expression",
    },
    "basics.graph_layout": set(),
    "basics.graph_notation": {"basics.expression"},
    "basics.torch_graph": {"snippet", "basics.expression", "basics.compute_graph", "basics.graph_notation"},
    "basics.graph_chart": {
        "basics.compute_graph",
        "basics.graph_layout",
        "basics.graph_notation",
        "basics.torch_graph",
    },
    "basics.torch_errors": {"basics.refusal"},
    "basics.literal": set(),
    "basics.operations": {"basics.literal", "basics.refusal", "basics.torch_errors", "errors", "snippet", "typed"},
    "basics.operation_cells": {"basics.operations", "grid"},
    "basics.reductions": {"basics.refusal", "basics.torch_errors", "grid", "snippet"},
    "basics.memory": {"basics.refusal", "basics.torch_errors", "snippet"},
    # How a model learns.
    "learning.config": {"config", "learning.race", "learning.surfaces", "lesson", "rules"},
    "learning.stepping": set(),
    "learning.descent": {"learning.stepping"},
    "learning.descent_text": {"learning.descent", "snippet"},
    "learning.descent_charts": {"learning.descent", "palette", "vega"},
    "learning.surfaces": {"basics.expression"},
    "learning.race": {"config", "optim", "learning.stepping", "learning.surfaces"},
    "learning.race_rule": {"learning.race"},
    "learning.race_text": {"learning.network_race", "learning.race", "snippet"},
    "learning.race_charts": {"basics.expression", "config", "learning.race", "learning.surfaces", "palette", "vega"},
    "learning.network_race": {"config", "learning.race", "learning.stepping", "training"},
    "learning.regression": {"learning.stepping"},
    "learning.regression_text": {"learning.regression", "snippet"},
    "learning.regression_charts": {"learning.regression", "palette", "vega"},
    "learning.softmax": set(),
    "learning.softmax_charts": {"learning.softmax", "palette", "vega"},
    "learning.softmax_text": {"learning.softmax", "snippet"},
    "learning.download": {"errors"},
    "learning.images": {"learning.download"},
    "learning.images_batches": {"learning.images"},
    "learning.images_model": set(),
    "learning.images_run": {
        "learning.config",
        "learning.images",
        "learning.images_model",
        "learning.softmax",
        "learning.stepping",
        "training",
    },
    "learning.images_look": {"learning.images", "palette", "regions"},
    "learning.images_text": {"learning.download", "learning.images", "learning.images_run", "snippet"},
    "learning.images_charts": {"palette", "vega"},
    "learning.activation_curves": set(),
    "learning.activation_charts": {"learning.activation_curves", "learning.signal", "palette", "vega"},
    "learning.activation_text": {
        "codegen_text",
        "config",
        "learning.activation_curves",
        "learning.config",
        "learning.signal",
        "snippet",
    },
    "learning.signal": {"model"},
    "learning.generalisation": {"learning.config", "learning.stepping"},
    "learning.generalisation_charts": {"charts", "learning.generalisation", "palette", "vega"},
    "learning.generalisation_text": {"learning.generalisation", "snippet"},
    "learning.dropout": {
        "learning.images",
        "learning.images_model",
        "learning.softmax",
        "learning.stepping",
        "training",
    },
    "learning.dropout_text": {"learning.dropout", "learning.images", "snippet"},
    "lessons": {"lesson", "basics.config", "learning.config"},
    "learning.__init__": set(),
    "basics.tensor_text": {"basics.config", "errors", "typed"},
    "basics.refusal": {"snippet"},
    "basics.constructors": {"basics.tensor_text"},
    "basics.creation": {"basics.constructors", "basics.refusal", "basics.tensor_text", "snippet"},
    "basics.index_syntax": {"basics.config", "basics.tensor_text"},
    "basics.indexing": {"basics.index_syntax", "basics.refusal", "snippet"},
    "basics.indexing_parts": {"basics.index_syntax", "basics.indexing"},
    "basics.histogram": {"snippet"},
    "basics.tensor_charts": {"palette", "vega"},
    "__init__": set(),
    "__main__": RUNS | {"rules"} | {"experiments", "share", "codegen"},
}


def repository_files() -> list[Path]:
    """Files that git tracks or would add; of a copy without git, all but those that .gitignore names."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
        files = [ROOT / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()} | {".git"}
        files = []
        for folder, folders, names in os.walk(ROOT):
            folders[:] = [name for name in folders if name not in ignored]
            files += [Path(folder) / name for name in names if not name.endswith(".pyc")]
    return sorted(path for path in files if path.is_file())


FILES = repository_files()
SOURCES = [path for path in FILES if path.suffix == ".py"]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def inside(*folders: str) -> list[Path]:
    """Python files in these folders, and streamlit_app.py where it is named."""
    return [path for path in SOURCES if path.relative_to(ROOT).parts[0] in folders]


def imports(path: Path) -> Iterator[str]:
    """Dotted names of what a file imports, wherever in it: `from dlcore import data` gives `dlcore.data`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            here = path.relative_to(ROOT).parent.parts
            base = ".".join(here[: len(here) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, [base, node.module]))
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def heads(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


DLCORE = inside("dlcore")
MODULES = {".".join(path.relative_to(ROOT / "dlcore").with_suffix("").parts) for path in DLCORE}


def id_of(path: object) -> str:
    return name_of(path) if isinstance(path, Path) else str(path)


@pytest.mark.parametrize("path", DLCORE, ids=id_of)
def test_dlcore_knows_its_place(path: Path) -> None:
    module = ".".join(path.relative_to(ROOT / "dlcore").with_suffix("").parts)
    assert module in ALLOWED, (
        f"new module: add {module!r} to ALLOWED in {name_of(Path(__file__))}, with what it may import"
    )
    outside = heads(path) & {"streamlit", "pages", "tests", "benchmarks", "streamlit_app"}
    assert not outside, f"{name_of(path)} imports {outside}: dlcore stands alone"
    used = {name.removeprefix("dlcore.") for name in imports(path) if name.startswith("dlcore.")} & MODULES
    assert used <= ALLOWED[module], f"{name_of(path)} may not import {sorted(used - ALLOWED[module])}"


def test_the_order_of_dlcore_has_no_ring() -> None:
    settled: set[str] = set()
    while ready := {module for module in ALLOWED if module not in settled and ALLOWED[module] <= settled}:
        settled |= ready
    assert settled == set(ALLOWED)


def test_dlcore_has_all_that_the_order_names() -> None:
    assert set(ALLOWED) <= MODULES, "ALLOWED names modules that are not there"


@pytest.mark.parametrize("path", DLCORE, ids=id_of)
def test_modules_of_dlcore_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_LINES, f"{name_of(path)} has {lines} lines: which second subject has moved in?"


def test_only_pages_import_streamlit() -> None:
    elsewhere = [path for path in SOURCES if path not in inside("pages", "streamlit_app.py", "tests", "benchmarks")]
    assert [name_of(path) for path in elsewhere if "streamlit" in heads(path)] == []


def test_pages_import_no_tests_and_no_benchmarks() -> None:
    wrong = [path for path in inside("pages", "streamlit_app.py") if heads(path) & {"tests", "benchmarks"}]
    assert [name_of(path) for path in wrong] == []


def test_no_page_lies_where_streamlit_finds_it_by_itself() -> None:
    """Streamlit discovers pages/*.py by itself: on a cold server a deep link to one ran without the frame."""
    assert sorted(path.name for path in (ROOT / "pages").glob("*.py")) == []


@pytest.mark.parametrize("path", inside("dlcore", "pages", "streamlit_app.py"), ids=id_of)
def test_nothing_runs_text_or_writes_html(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    calls = [node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    names = {func.id for func in calls if isinstance(func, ast.Name)}
    assert not names & {"eval", "exec", "compile", "__import__"}
    assert "unsafe_allow" not in text
    assert "components.v1" not in text
    assert not any(name.startswith("streamlit.components.v1") for name in imports(path))


# The patterns are written so that they do not match themselves.
MACHINE_PATHS = re.compile(r"(?<![\w./}-])/(?:work|tmp|root|home)/\w")
REGISTRIES = re.compile(r"pypi[.]org|pythonhosted[.]org|npmjs[.]|anaconda[.]org|download[.]pytorch[.]org")


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""  # a picture


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    found = [(name_of(path), hit.group()) for path in FILES for hit in MACHINE_PATHS.finditer(text_of(path))]
    assert found == []


def test_no_file_names_a_package_index() -> None:
    """Where packages come from is the installing person's business. The READMEs say where the small CPU wheel is."""
    found = [(name_of(path), hit.group()) for path in FILES for hit in REGISTRIES.finditer(text_of(path))]
    readmes = {"README.md", "README.zh.md"}
    assert [hit for hit in found if hit[0] not in readmes or not hit[1].endswith("pytorch.org")] == []
