"""Labels: both languages have the same ids and placeholders, every used id exists, and every id is used."""

from __future__ import annotations

import ast
import importlib
import math
import pkgutil
import re
import string
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
from driver import ROOT
from torch import nn, optim

import dlcore
from dlcore.lab.axes import Axis
from dlcore.lab.grid import LAB
from dlcore.lab.grid import Grid as LabGrid
from dlcore.lab.grid import validate as validate_grid
from dlcore.lessons import all_lessons
from dlcore.lessons.tensors.operations.model import Idea
from dlcore.network.device import REASONS
from dlcore.settings.errors import InputError
from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Grid, OneOf, Rule, Setting, Sizes, Some, Text, Violation
from dlcore.spiral.config import SPIRAL, RunConfig, replace_field, validate
from dlcore.spiral.experiments import PRESETS
from dlcore.spiral.units import MARKS
from pages.spiral.spiral import scrubber
from pages.spiral.spiral.session import ViewOptions
from pages.spiral.spiral.views import PANELS
from pages.ui import messages
from pages.ui.language import LANGUAGES, labels, prose
from pages.ui.lesson import State
from pages.ui.registry import PAGES, SECTIONS

APP = ROOT / "pages/ui/en.toml"
PROSE = sorted(prose("en"))
SOURCES = sorted((ROOT / "pages").rglob("*.py"))
HAN = re.compile(r"[\u4e00-\u9fff]")

LESSONS = (SPIRAL, *all_lessons())
SWITCHES = {field.name for field in fields(ViewOptions) if isinstance(field.default, bool)}
MOMENT_BUTTONS = ("train_on", "to_present", "pin")


def input_errors() -> list[type[InputError]]:
    """Return every error class of typed or uploaded input."""
    for module in pkgutil.walk_packages(dlcore.__path__, "dlcore."):
        importlib.import_module(module.name)
    found, queue = [], [InputError]
    while queue:
        for kind in queue.pop().__subclasses__():
            queue.append(kind)
            if kind.__module__.startswith("dlcore.") and "RULES" in vars(kind):
                found.append(kind)
    return found


# The ids of the f-strings that pages pass to t(). A new f-string needs an entry here, unless it means all labels of its
# own page that have this form.
EXPANSIONS: dict[str, set[str]] = {
    "section.{section}": {f"section.{id}" for id in SECTIONS},
    "page.{page.id}": {f"page.{id}" for id in PAGES},
    "spiral.view.{name}": {f"spiral.view.{name}" for name in SWITCHES},
    "axis.{quantity}": {"axis.loss", "axis.accuracy"},
    "alt.{quantity}": {"alt.loss", "alt.accuracy"},
    "spiral.preset.{id}": {f"spiral.preset.{id}" for id in PRESETS},
    "spiral.device_missing.{reason}": {f"spiral.device_missing.{reason}" for reason in REASONS},
    "spiral.panel.{id}": {f"spiral.panel.{id}" for id in ("predictions", "code", "share", "try")},
    "spiral.mark.{mark}": {f"spiral.mark.{mark}" for mark in MARKS},
    "spiral.units.{name}": {f"spiral.units.{name}" for name in ("unit", "weight", "active", "cost", "changed", "mark")},
    "spiral.views.{id}": {f"spiral.views.{id}" for id in PANELS},
    "spiral.network.{name}": {f"spiral.network.{name}" for name in ("bias", "inputs", "outputs")},
    "spiral.time.{word}": {f"spiral.time.{word}" for word in scrubber.WORDS},
    "spiral.time.{name}": {f"spiral.time.{name}" for name in MOMENT_BUTTONS},
    "spiral.time.{name}_help": {f"spiral.time.{name}_help" for name in MOMENT_BUTTONS},
    "spiral.share.{id}": {f"spiral.share.{id}" for id in ("weights", "metrics", "image")},
    "{error.WORDS}.{error.rule}": {f"{kind.WORDS}.{rule}" for kind in input_errors() for rule in kind.RULES},
    "run.speed_{p.unit}": {"run.speed_epochs", "run.speed_updates"},
    "announce.{unit}": {"announce.epochs", "announce.updates"},
    "lesson.{name}": {"lesson.scratch", "lesson.concise"},
    "page.{lesson.id}": {f"page.{lesson.id}" for lesson in all_lessons()},
    "{self.id}.setting.{name}": {f"{lesson.id}.setting.{name}" for lesson in LESSONS for name in lesson.settings},
}
# Optional labels: help texts and options.
MAY_BE = {f"{lesson.id}.help.{name}" for lesson in LESSONS for name in lesson.settings} | {
    f"{lesson.id}.option.{name}.{id}"
    for lesson in LESSONS
    for name, setting in lesson.settings.items()
    if isinstance(setting.rule, OneOf | Some)
    for id in setting.rule.options
}
FILES = {path.parent.name for path in (ROOT / "pages").glob("*/*/en.toml")}  # the first part of a page's label ids

# Labels that are the same in Chinese: names of people, and words that programs print.
NAMES = {"nesterov", "logit"}
CLASSES = {name.lower() for module in (nn, optim) for name in dir(module) if name[0].isupper()}
FUNCTIONS = {name for name in dir(math) if not name.startswith("_")}


def same_in_chinese(id: str, text: str) -> bool:
    """Whether a label has nothing to translate: a sign such as ``x₁²``, ``sin x₁`` or ``L∞``, an abbreviation such as
    ``CPU``, a name, or the class of torch that an option stands for, such as ``Leaky ReLU`` or ``AdaGrad``."""
    if ".option." in id and text.replace(" ", "").lower() in CLASSES:
        return True
    words = re.findall(r"[^\W\d_]{2,}", unicodedata.normalize("NFKC", text))
    return all(word.isupper() or word in FUNCTIONS or word.lower() in NAMES for word in words)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    """Yield every call in the pages of a function of this name."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", getattr(node.func, "attr", None))
                yield from [(path, node)] if called == name and node.args else []


def literals(node: ast.expr) -> set[str]:
    """Return the string literals that an argument can be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return literals(node.body) | literals(node.orelse)
    return set()


def template(node: ast.JoinedStr) -> str:
    parts = (part.value if isinstance(part, ast.Constant) else f"{{{ast.unparse(part.value)}}}" for part in node.values)
    return "".join(map(str, parts))


def matching(node: ast.JoinedStr) -> set[str]:
    """Return the ids that a lesson's f-string can be; it must start with the lesson's id, and no value has a dot."""
    parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
    if str(parts[0]).partition(".")[0] not in FILES:
        return set()
    pattern = re.compile("".join(r"[^.]+" if part is None else re.escape(str(part)) for part in parts))
    return {id for id in labels("en") if pattern.fullmatch(id)}


@cache
def rules() -> frozenset[str]:
    """Return every rule id of a Violation: those of the rule classes, and those written in the source."""
    found = {kind.__dataclass_fields__["id"].default for kind in get_args(Rule)} | {"integer"}
    for path in (*(ROOT / "dlcore").rglob("*.py"), *SOURCES):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id in ("Violation", "over") and len(node.args) > 1:
                    found |= literals(node.args[1])
                if node.func.id == "replace":
                    for keyword in node.keywords:
                        if keyword.arg == "rule":
                            found |= literals(keyword.value)
    return frozenset(found)


@cache
def used() -> frozenset[str]:
    found: set[str] = {f"problem.{rule}" for rule in rules()}
    for _, call in calls("t"):
        found |= literals(call.args[0])
        for node in ast.walk(call.args[0]):
            if isinstance(node, ast.JoinedStr):
                found |= EXPANSIONS.get(template(node), set()) or matching(node)
    for path in SOURCES:  # ids in variables
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and node.value in labels("en"):
                found.add(str(node.value))
    return frozenset(found)


def test_no_module_hides_the_labels_of_another() -> None:
    assert not {id.partition(".")[0] for id in tomllib.loads(APP.read_text("utf-8"))} & (FILES - {"app"})


def test_both_languages_have_the_same_ids_in_the_same_order() -> None:
    assert list(labels("en")) == list(labels("zh"))


def test_no_label_is_empty_and_all_are_text() -> None:
    for language in LANGUAGES:
        assert not [id for id, text in labels(language).items() if not isinstance(text, str) or not text.strip()]


def test_placeholders_agree() -> None:
    en, zh = labels("en"), labels("zh")
    assert {id: placeholders(en[id]) for id in en} == {id: placeholders(zh[id]) for id in en}


def test_every_f_string_is_known() -> None:
    strings = [node for _, call in calls("t") for node in ast.walk(call.args[0]) if isinstance(node, ast.JoinedStr)]
    unknown = {template(node) for node in strings if not matching(node)}
    assert unknown <= set(EXPANSIONS), "say in EXPANSIONS which ids it stands for"
    assert set(EXPANSIONS) <= {template(node) for node in strings}


def test_every_used_id_exists() -> None:
    assert not used() - set(labels("en"))


def test_every_id_is_used() -> None:
    assert not set(labels("en")) - used() - MAY_BE


def test_every_option_of_the_spiral_has_a_label() -> None:
    """Lessons may show an id of Python or torch unchanged; the spiral's ids exist only in links."""
    assert {id for id in MAY_BE if id.startswith("spiral.option.")} <= set(labels("en"))


def test_calls_pass_exactly_the_placeholders_of_a_label() -> None:
    for path, call in calls("t"):
        given = {keyword.arg for keyword in call.keywords}
        if None in given:  # **values
            continue
        for id in literals(call.args[0]):
            assert placeholders(labels("en")[id]) == given, f"{path.name}:{call.lineno}: {id}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", input_errors(), ids=lambda kind: kind.__name__)
def test_messages_of_errors_use_their_limits(kind: type[InputError], language: str) -> None:
    for rule, text in kind.RULES.items():
        bare = {re.split(r"[.!:\[]", name)[0] for name in placeholders(labels(language)[f"{kind.WORDS}.{rule}"])}
        assert bare == placeholders(text), rule
    head = f"{kind.WORDS}."
    assert {id.removeprefix(head) for id in labels(language) if id.startswith(head)} == set(kind.RULES)


def violations() -> dict[str, Violation]:
    """Return a real violation of each rule, made by the codec, the config and the session."""
    links = (
        {"n": "5", "r": "nan", "d": "x", "f": "x1-x1", "h": "0-0-0", "e": "2", "z": "2", "v": "9", "q": "1"},
        {"n": ["1", "2"], "d": "x" * 300, "c": 5},
        {"n": "5000"},
        {"xy": "AAAAA"},
        {"h": "256-256-256-256-256"},
        {"k": "10000", "n": "3000", "h": "100-100"},
        {f"q{i}": "" for i in range(70)},
    )
    found = [violation for link in links for violation in SPIRAL.decode(link)[1]]
    found += validate(replace_field(RunConfig(), "data.noise", 2.0))
    typed = Lesson(
        "tensors",
        Setting("a", "a", Sizes(2, 1, 5), ()),
        Setting("b", "b", Grid(1, 1), ((0.0,),)),
        Setting("c", "c", Text(5), ""),
    )
    found += typed.decode({"a": "9", "b": "1_2", "c": "a\n"})[1]
    lost = {"reason": "failed", "available": ("cpu",)}
    found += [
        Violation("device", "device_missing", "cuda", lost, ""),
    ]
    found += validate(replace_field(RunConfig(), "data.kind", "csv"))
    grids = ({"y": "width"}, {"x": "activation", "y": "optimizer", "q": "5"}, {"d": "points"})
    found += [violation for link in grids for violation in LAB.decode(link)[1]]
    found += validate_grid(LabGrid(RunConfig(), Axis("seed", (1, 2)), None, 2))
    return {violation.rule: violation for violation in found}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_violation_has_a_message(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.ui.language.language", lambda: language)
    found = violations()
    assert set(found) == rules() - {"integer"}  # the id "integer" is made by messages.describe
    whole = [violation for violation in SPIRAL.decode({"n": "5", "s": "-1"})[1] if violation.rule == "number"]
    assert len(whole) == 2
    name = State(SPIRAL, SPIRAL.defaults()).label
    for violation in (*found.values(), *whole):
        text = messages.describe(violation, name)
        assert "{" not in text
        assert bool(HAN.search(text)) is (language == "zh")
        if violation.rule not in ("no_table",):
            assert "`" in text, f"{violation.rule} does not name the value"


def test_chinese_is_chinese_and_english_is_not() -> None:
    en = labels("en")
    same = {id: text for id, text in labels("zh").items() if not HAN.search(text)}
    assert not {
        id: text for id, text in same.items() if text.lower() != en[id].lower() or not same_in_chinese(id, text)
    }
    assert not [id for id, text in labels("en").items() if HAN.search(text)]


def test_chinese_has_chinese_punctuation() -> None:
    half = re.compile(r"[\u4e00-\u9fff][,;:?!(]|[,;:?!)][\u4e00-\u9fff]")
    assert not {id: text for id, text in labels("zh").items() if half.search(text)}


def test_prose_exists_in_both_languages() -> None:
    assert set(prose("en")) == set(prose("zh"))
    assert {name.partition("/")[0] for name in prose("en")} <= set(PAGES)
    asked = {id for word in ("content", "idea") for _, call in calls(word) for id in literals(call.args[0])}
    asked |= {f"{lesson.id}/try" for lesson in all_lessons()}
    asked |= {f"tensors/operations_{idea}" for idea in get_args(Idea)}
    assert asked == set(prose("en"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.id)
def test_three_things_to_try(lesson: Lesson, language: str) -> None:
    items = re.findall(r"(?m)^(\d)\. \*\*.+?\*\*", prose(language)[f"{lesson.id}/try"])
    assert items == ["1", "2", "3"]


@pytest.mark.parametrize("id", PROSE)
def test_prose_has_the_same_parts_in_both_languages(id: str) -> None:
    en, zh = prose("en")[id], prose("zh")[id]
    assert len(HAN.findall(zh)) > len(en) / 10
    assert not HAN.search(en)
    for pattern in (r"(?m)^#+ ", r"(?m)^(?:[-*]|\d+\.) ", r"```", r"\]\([^)]*\)", r"\$[^$]+\$"):
        assert len(re.findall(pattern, en)) == len(re.findall(pattern, zh)), pattern
