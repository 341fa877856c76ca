"""Allowed imports and forbidden text, checked in the sources without importing them."""

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAX_LINES = 400  # of a module of dlcore; past 300 look for a second subject

APP = ("pages", "streamlit_app.py", "cloud")  # the pages and the two entries

# The folders of dlcore, low to high: each imports from itself and from those before it.
FOLDERS = ("settings", "programs", "typed", "drawing", "network", "images", "spiral", "lab", "lessons", "__main__")


def repository_files() -> list[Path]:
    """Return the files that git tracks or would add; without git, all that .gitignore does not name."""
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
    """Return the Python files in these folders or entry scripts."""
    return [path for path in SOURCES if path.relative_to(ROOT).parts[0] in folders]


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted names of all imports of a file: `from dlcore import data` gives `dlcore.data`."""
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


DLCORE = [path for path in inside("dlcore") if path.parent != ROOT / "dlcore" or path.stem != "__init__"]


def id_of(path: object) -> str:
    return name_of(path) if isinstance(path, Path) else str(path)


def place(module: str) -> tuple[int, str]:
    """Return the level of a dlcore module, and its lesson or ""."""
    parts = module.split(".")[1:]
    return FOLDERS.index(parts[0]), parts[1] if parts[0] == "lessons" and len(parts) > 1 else ""


@pytest.mark.parametrize("path", DLCORE, ids=id_of)
def test_modules_import_only_lower_folders(path: Path) -> None:
    outside = heads(path) & {"streamlit", "pages", "tests", "benchmarks", "streamlit_app", "cloud"}
    assert not outside, f"{name_of(path)} imports {outside}: dlcore stands alone"
    height, lesson = place(name_of(path).removesuffix(".py").replace("/", "."))
    used = {name: place(name) for name in imports(path) if name.startswith("dlcore.")}
    wrong = [name for name, (at, other) in used.items() if at > height or (lesson and other not in ("", lesson))]
    assert wrong == [], f"{name_of(path)} may not import {wrong}"


@pytest.mark.parametrize("path", inside("pages"), ids=id_of)
def test_a_page_imports_no_other_lesson(path: Path) -> None:
    other = [name for name in imports(path) if re.match(rf"dlcore[.]lessons[.](?!{path.parent.name}\b)", name)]
    assert other == [], f"{name_of(path)} imports {other}"


@pytest.mark.parametrize(
    "path", [path for path in DLCORE if path.is_relative_to(ROOT / "dlcore" / "lessons")], ids=id_of
)
def test_lessons_have_the_same_division_into_files(path: Path) -> None:
    """model.py computes, only charts.py draws, and only programs.py makes the shown code."""
    used = set(imports(path))
    for module, home in (("altair", "charts"), ("dlcore.programs.snippet", "programs")):
        assert module not in used or path.stem == home, f"{name_of(path)} does the work of {home}.py"


@pytest.mark.parametrize("path", DLCORE, ids=id_of)
def test_modules_of_dlcore_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_LINES, f"{name_of(path)} has {lines} lines: which second subject has moved in?"


def test_only_pages_import_streamlit() -> None:
    elsewhere = [path for path in SOURCES if path not in inside(*APP, "tests", "benchmarks")]
    assert [name_of(path) for path in elsewhere if "streamlit" in heads(path)] == []


def test_pages_import_no_tests_and_no_benchmarks() -> None:
    wrong = [path for path in inside(*APP) if heads(path) & {"tests", "benchmarks"}]
    assert [name_of(path) for path in wrong] == []


def test_no_page_lies_where_streamlit_discovers_it() -> None:
    """Streamlit discovers pages/*.py: on a cold server a deep link to one ran without the frame."""
    assert sorted(path.name for path in (ROOT / "pages").glob("*.py")) == []


@pytest.mark.parametrize("path", inside("dlcore", *APP), ids=id_of)
def test_nothing_runs_text_or_writes_html(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    calls = [node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    names = {func.id for func in calls if isinstance(func, ast.Name)}
    assert not names & {"eval", "exec", "compile", "__import__"}
    assert "unsafe_allow" not in text
    assert "components.v1" not in text
    assert not any(name.startswith("streamlit.components.v1") for name in imports(path))


# These patterns do not match their own source.
MACHINE_PATHS = re.compile(r"(?<![\w./}-])/(?:work|tmp|root|home)/\w")
REGISTRIES = re.compile(r"pypi[.]org|pythonhosted[.]org|npmjs[.]|anaconda[.]org|download[.]pytorch[.]org")


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""  # a binary file


def test_no_file_names_the_machine_it_was_written_on() -> None:
    found = [(name_of(path), hit.group()) for path in FILES for hit in MACHINE_PATHS.finditer(text_of(path))]
    assert found == []


def test_no_file_names_a_package_index() -> None:
    """The source of packages is the installer's choice, except for PyTorch's CPU build, which has only one."""
    found = [(name_of(path), hit.group()) for path in FILES for hit in REGISTRIES.finditer(text_of(path))]
    assert found == [("cloud/requirements.txt", ".".join(("download", "pytorch", "org")))]
