"""The project files are consistent: requirements, Makefile, documents, Streamlit's settings."""

import importlib.metadata
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from contrast import READABLE, contrast, over
from streamlit import config

from dlcore.drawing import palette
from pages.ui import layout

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "README.zh.md", "CONTRIBUTING.md")
THEMES: tuple[palette.Theme, ...] = ("light", "dark")

PIN = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)(\[[a-z,]+\])?==(?P<version>[0-9][\w.]*)")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def requirements(name: str) -> list[str]:
    lines = [line.split("#")[0].strip() for line in read(name).splitlines()]
    return [line for line in lines if line]


RUNTIME = requirements("requirements.txt")
DEV = requirements("requirements-dev.txt")
SETTINGS = tomllib.loads(read(".streamlit/config.toml"))


def flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


# --- requirements ---------------------------------------------------------------------------------------------------
def test_the_dev_requirements_add_to_the_runtime_ones_and_have_those_of_a_cluster() -> None:
    assert DEV[0] == "-r requirements.txt"
    head, *pins = requirements("requirements-cluster.txt")
    assert head == DEV[0]
    assert set(pins) <= set(DEV)


@pytest.mark.parametrize("line", [*RUNTIME, *DEV[1:]])
def test_requirements_are_pinned_and_installed(line: str) -> None:
    pin = PIN.fullmatch(line)  # matches no option, such as another index
    assert pin, f"{line!r} is not an exact pin"
    installed = importlib.metadata.version(pin["name"]).split("+")[0]  # 2.13.0+cpu is a build of 2.13.0
    assert installed == pin["version"], f"{pin['name']} {installed} is installed: run make test again, or pip install"


def test_torch_is_the_plain_pin() -> None:
    assert (
        "torch==2.13.0" in RUNTIME
    )  # exactly: only one index has "+cpu", and the published numbers are of this version


def test_a_host_gets_the_same_versions_and_torchs_cpu_build() -> None:
    find_links, *pins = requirements("cloud/requirements.txt")
    assert find_links.startswith("--find-links https://")
    assert pins == [line.replace("torch==2.13.0", "torch==2.13.0+cpu") for line in RUNTIME]


# --- Makefile and documents -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_command_of_a_document_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:^ *|`)make ([a-z-]+)", read(document), re.MULTILINE))
    assert {"run", "test", "test-all"} <= named <= targets


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_of_a_document_exists(document: str) -> None:
    text = read(document)
    named = set(re.findall(r"`((?:cloud|dlcore|pages|tests|benchmarks|docs)/[\w./{},]*)`", text))
    named |= {target for target in re.findall(r"\]\(([\w./-]+)\)", text) if not target.startswith("http")}
    paths = {name.replace("{en,zh}", language) for name in named for language in ("en", "zh")}
    assert paths
    assert sorted(path for path in paths if not (ROOT / path).exists()) == []


def test_ci_runs_every_test() -> None:
    assert read(".ci/run").splitlines()[-1] == "make test-all"


def test_the_version_is_in_the_changelog() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert f"## [{project['version']}]" in read("CHANGELOG.md")
    assert project["license"] == "MIT"
    assert read("LICENSE").startswith("MIT License")


# --- Streamlit's settings -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("key", "value"), list(flat(SETTINGS)), ids=str)
def test_every_setting_is_one_of_streamlits(key: str, value: object) -> None:
    options = config.get_config_options()
    assert key in options, f"{key} is not an option of this version of Streamlit"
    default = options[key].default_val
    if isinstance(default, bool | int | float):
        assert isinstance(value, bool) == isinstance(default, bool)
        assert isinstance(value, int | float)
    elif default is not None:
        assert type(value) is type(default)


def test_settings_have_allowed_values() -> None:
    assert SETTINGS["client"]["showErrorDetails"] in list(config.ShowErrorDetailsConfigOptions)
    assert SETTINGS["client"]["toolbarMode"] in ("auto", "developer", "viewer", "minimal")
    assert SETTINGS["server"]["fileWatcherType"] in ("auto", "watchdog", "poll", "none")


def test_protection_stays_on() -> None:
    assert not {"server.enableCORS", "server.enableXsrfProtection"} & {key for key, _ in flat(SETTINGS)}


@pytest.mark.parametrize("theme", THEMES)
def test_the_theme_has_the_colours_of_the_pictures(theme: palette.Theme) -> None:
    colours = SETTINGS["theme"][theme]
    assert colours["backgroundColor"] == palette.hex_colour(palette.BACKGROUND[theme])
    assert colours["textColor"] == palette.hex_colour(palette.INK[theme])
    assert colours["chartCategoricalColors"] == [palette.hex_colour(colour) for colour in palette.CLASS_COLOURS]


@pytest.mark.parametrize("theme", THEMES)
def test_the_theme_is_readable(theme: palette.Theme) -> None:
    colours = SETTINGS["theme"][theme]
    accent, text = colours["primaryColor"], colours["textColor"]
    for behind in (colours["backgroundColor"], colours["secondaryBackgroundColor"]):
        assert contrast(text, behind) >= 7
        assert contrast(colours["linkColor"], behind) >= READABLE
        assert contrast(accent, behind) >= READABLE
        assert contrast(over(text, behind, 0.6), behind) >= READABLE, "captions are at 60 %"


def test_the_labels_of_buttons_are_readable() -> None:
    found = re.search(r"BaseButton-primary.*light-dark[(](#\w{6}), (#\w{6})[)]", layout._STYLE)
    assert found
    for theme, label in zip(THEMES, found.groups(), strict=True):
        assert contrast(label, SETTINGS["theme"][theme]["primaryColor"]) >= READABLE
