"""Links: every run survives encoding and decoding, and no link raises or gives a run that breaks its rules."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from links import broken, decode, encode, link, parse
from strategies import configs, values

from dlcore.settings import codec
from dlcore.settings.codec import MAX_CHARACTERS, MAX_PARAMETERS, SHOWN_CHARACTERS, VERSION_KEY
from dlcore.settings.lesson import Lesson
from dlcore.settings.rules import Violation
from dlcore.spiral import config as config_module
from dlcore.spiral.config import FEATURES, SETTINGS, SPIRAL, RunConfig, get_field, replace_field

# What version 1 left out of its links, and under which keys it wrote the rest. These never change: a link that somebody
# saved must show them the same run for ever. If a test fails because a default did change, see Lesson's old_defaults.
VERSION_1 = {
    "data.kind": ("d", "spiral"),
    "data.classes": ("c", 3),
    "data.points": ("n", 1000),
    "data.noise": ("z", 0.2),
    "data.test_share": ("t", 0.2),
    "data.seed": ("s", 12345),
    "data.features": ("f", ("x1", "x2")),
    "model.hidden": ("h", (100,)),
    "model.activation": ("a", "relu"),
    "model.embedding": ("e", False),
    "model.init": ("i", "default"),
    "model.draw": ("w", 1),
    "training.optimizer": ("o", "adam"),
    "training.lr": ("r", 0.001),
    "training.momentum": ("m", 0.9),
    "training.schedule": ("u", "constant"),
    "training.batch_size": ("b", 0),
    "training.epochs": ("k", 1000),
    "training.l1": ("l1", 0.0),
    "training.l2": ("l2", 0.00001),
    "training.dropout": ("p", 0.0),
    "device": ("g", "cpu"),
}

KEYS = [setting.key for setting in SETTINGS.values()]
BY_KEY = {setting.key: setting for setting in SETTINGS.values()}

# No value of any setting: every one of these must be reported under every key.
NEVER = (
    *("", " ", "nan", "NaN", "inf", "-inf", "Infinity", "1e308", "1e999", "-1e308", "-5", "+5", " 5", "5 ", "5\n"),
    *("1_000", "0x10", "1,5", "1.5.5", "--", "-", "1-", "-1-2", "None", "null", "true", "True", "[]", "<b>", "%"),
    *("８", "٣", "²", "½", "一", "\x00", "\ud800", "SPIRAL", "spiral ", "x1-x1", "x1,x2", "../..", "'"),
    *("9" * MAX_CHARACTERS, "7" * 10_000),
)


def _rules(violations: list[Violation]) -> dict[str, str]:
    return {violation.field: violation.rule for violation in violations}


def _sound(config: RunConfig, violations: list[Violation]) -> None:
    assert broken(config) == []
    for violation in violations:
        assert isinstance(violation.value, str)
        assert len(violation.value) <= SHOWN_CHARACTERS + 1
        assert (violation.value + violation.field + str(violation)).isprintable()
        (violation.value + str(violation)).encode("utf-8")
    # The defaults, and the objects that everything else shares, are as they were.
    assert {name: get_field(RunConfig(), name) for name in VERSION_1} == {n: old for n, (_, old) in VERSION_1.items()}


# --- versions -------------------------------------------------------------------------------------------------------
def test_links_of_version_1_mean_what_they_meant() -> None:
    config, violations = decode({"v": "1"})
    assert violations == []
    assert {name: get_field(config, name) for name in VERSION_1} == {name: old for name, (_, old) in VERSION_1.items()}
    assert {name: SETTINGS[name].key for name in VERSION_1} == {name: key for name, (key, _) in VERSION_1.items()}


def test_links_of_todays_version_leave_out_todays_defaults() -> None:
    # With the test above, this fails when a default changes and the version does not.
    assert decode({"v": SPIRAL.version}) == (RunConfig(), [])


def test_a_changed_default_needs_a_version() -> None:
    """Change a default as intended: version 2 has 1000 epochs, and version 1 is given 500."""
    old = {"1": {"training.epochs": 500}, "2": {}}
    later = Lesson("spiral", *SETTINGS.values(), joint_rules=SPIRAL.joint_rules, resets=SPIRAL.resets, old_defaults=old)
    for rest in ({}, {"k": "zero"}, {"k": "10000", "h": "256-256"}):  # the last is too much work
        assert later.decode({"v": "1", **rest})[0]["training.epochs"] == 500
    defaults = later.defaults()
    assert defaults == RunConfig().values()
    assert later.decode({"v": "1", "k": "1000"})[0] == later.decode({"v": "2"})[0] == later.decode({})[0] == defaults
    assert later.encode(defaults) == {"v": "2"}


@pytest.mark.parametrize("version", list(SPIRAL.old_defaults))
def test_every_versions_defaults_keep_todays_rules(version: str) -> None:
    # Reading a link falls back on them, so this is also why it ends.
    assert broken(RunConfig.of(SPIRAL.defaults(version))) == []


def test_unknown_version_is_reported_and_the_rest_is_read() -> None:
    config, (violation,) = decode({"v": "99", "h": "8"})
    assert config.model.hidden == (8,)
    assert (violation.field, violation.rule, violation.value) == ("v", "version", "99")
    assert violation.limits == {"options": ("1",)}
    assert str(violation) == "v must be one of 1, got '99'"


@pytest.mark.parametrize("version", ["", "1.0", " 1", "１", "v1", "2" * 1000, None, 1, [], ["1", "1"], ["1", "2"]])
def test_wrong_versions(version: Any) -> None:
    config, (violation,) = decode({"v": version, "c": "4"})
    assert config.data.classes == 4
    assert violation.field == "v"


# --- writing --------------------------------------------------------------------------------------------------------
def test_defaults_need_the_version_alone() -> None:
    assert encode(RunConfig()) == {"v": "1"}
    assert link(RunConfig()) == "v=1"


def test_keys_are_short_and_unique() -> None:
    assert len({*KEYS, VERSION_KEY, "lang", "page"}) == len(KEYS) + 3
    assert max(map(len, KEYS)) <= 2


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("model.hidden", (), "h=0"),
        ("model.hidden", (8,), "h=8"),
        ("model.hidden", (32, 32, 32), "h=32-32-32"),
        ("data.features", ("x1", "x1_squared", "sin_x2"), "f=x1-x1_squared-sin_x2"),
        ("training.lr", 1e-05, "r=1e-05"),
        ("training.lr", 0.01, "r=0.01"),
        ("training.lr", 1.0, "r=1"),
        ("training.lr", 1, "r=1"),
        ("training.lr", 0.1 + 0.2, "r=0.30000000000000004"),
        ("training.l1", 5e-324, "l1=5e-324"),
        ("data.noise", -0.0, "z=0"),
        ("data.seed", 2**31 - 1, "s=2147483647"),
        ("training.epochs", 10_000, "k=10000"),
        ("model.embedding", True, "e=1"),
        ("data.kind", "csv", "d=csv"),
        ("data.drawn", ((-1.0, -1.0, 0), (0.25, -0.5, 0), (1.0, 1.0, 7)), "xy=AAAAAGJXBO6H"),
    ],
)
def test_how_values_are_written(name: str, value: object, text: str) -> None:
    config = replace_field(RunConfig(), name, value)
    assert link(config) == f"v=1&{text}"
    assert parse(link(config)) == (config, [])


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_survives_a_link(name: str) -> None:
    setting = SETTINGS[name]

    @settings(max_examples=25, deadline=None)
    @given(value=values(setting.rule))
    def travels(value: object) -> None:
        config = replace_field(RunConfig(), name, value)
        if not broken(config):
            assert parse(link(config)) == (config, [])

    travels()


@settings(max_examples=500, deadline=None)
@given(config=configs())
def test_every_run_survives_a_link(config: RunConfig) -> None:
    query = link(config)
    read, violations = parse(query)
    assert (read, violations) == (config, [])
    assert all(type(get_field(read, name)) is type(setting.default) for name, setting in SETTINGS.items())
    assert decode({key: [value] for key, value in encode(config).items()}) == (config, [])
    assert set(query) <= set(string.ascii_letters + string.digits + "-_.=&")  # nothing to escape, nowhere to break
    assert query.startswith("v=1")
    assert len(query) < 400 + 4 * len(config.data.drawn)  # every setting changed, every number of 17 digits
    assert link(parse(query)[0]) == query


@settings(max_examples=100, deadline=None)
@given(config=configs(cheap=True, only={"training.optimizer": st.just("sgd")}))
def test_the_strategy_makes_cheap_runs(config: RunConfig) -> None:
    assert broken(config) == []
    assert config_module.epoch_work(config) * config.training.epochs < 10 * 1000 * config_module.STEP_WORK
    assert (config.training.optimizer, config.device) == ("sgd", "cpu")


def test_the_most_points_travel() -> None:
    most = tuple((i / 100, -i / 100, i % 8) for i in range(-100, 100))
    config = replace_field(replace_field(RunConfig(), "data.kind", "points"), "data.drawn", most)
    assert parse(link(config)) == (config, [])
    assert len(link(config)) == len("v=1&d=points&xy=") + 800
    read, (violation,) = parse(link(config) + "AAAA")
    assert (violation.rule, violation.field, violation.limits["max_points"]) == ("points", "data.drawn", 200)
    assert read == replace_field(RunConfig(), "data.kind", "points")


def test_typical_links_are_short() -> None:
    config = RunConfig()
    crowded = {
        "data.kind": "gaussians",
        "data.points": 500,
        "data.features": FEATURES,
        "model.hidden": (32, 32, 32),
        "model.activation": "leaky_relu",
        "model.embedding": True,
        "model.init": "kaiming_uniform",
        "training.optimizer": "nesterov",
        "training.lr": 0.003,
        "training.schedule": "cosine",
        "training.batch_size": 32,
        "training.epochs": 200,
        "training.dropout": 0.25,
    }
    for name, value in crowded.items():
        config = replace_field(config, name, value)
    assert parse(link(config)) == (config, [])
    assert len(link(config)) < 200


# --- reading what is wrong ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("key", KEYS)
def test_an_invalid_value_is_reported_and_only_that_field_is_reset(key: str) -> None:
    others = {"c": "4", "h": "8-4", "e": "1"}
    for text in NEVER:
        config, violations = decode({**others, key: text})
        assert [violation.field for violation in violations] == [BY_KEY[key].name], text
        assert config == decode({k: v for k, v in others.items() if k != key})[0], text
        _sound(config, violations)


@pytest.mark.parametrize(
    ("params", "field", "rule"),
    [
        ({"n": "many"}, "data.points", "not_a_number"),
        ({"n": ""}, "data.points", "not_a_number"),
        ({"n": "nan"}, "data.points", "not_a_number"),
        ({"n": "inf"}, "data.points", "not_a_number"),
        ({"n": "007"}, "data.points", "not_a_number"),
        ({"n": "1e308"}, "data.points", "number"),
        ({"n": "1e3"}, "data.points", "number"),
        ({"n": "100.5"}, "data.points", "number"),
        ({"n": "-5"}, "data.points", "number"),
        ({"n": "100000"}, "data.points", "number"),
        ({"z": "-0.1"}, "data.noise", "number"),
        ({"r": "0"}, "training.lr", "number"),
        ({"r": ".5"}, "training.lr", "not_a_number"),
        ({"d": "torus"}, "data.kind", "one_of"),
        ({"f": "x1-x1"}, "data.features", "some"),
        ({"f": "x1-x3"}, "data.features", "some"),
        ({"h": "32-0"}, "model.hidden", "widths"),
        ({"h": "0-0"}, "model.hidden", "widths"),
        ({"h": "257"}, "model.hidden", "widths"),
        ({"h": "1-1-1-1-1-1-1"}, "model.hidden", "widths"),
        ({"e": "yes"}, "model.embedding", "flag"),
        ({"h": ["8", "8"]}, "model.hidden", "repeated"),
        ({"h": "1" * 201}, "model.hidden", "too_long"),
        ({"h": []}, "model.hidden", "not_text"),
        ({"h": 8}, "model.hidden", "not_text"),
        ({"h": b"8"}, "model.hidden", "not_text"),
        ({"h": None}, "model.hidden", "not_text"),
        ({"h": [["8"]]}, "model.hidden", "not_text"),
        ({"H": "8"}, "H", "unknown_key"),
        ({"": ""}, "", "unknown_key"),
        ({"model.hidden": "8"}, "model.hidden", "unknown_key"),
        ({3: "8"}, "int", "unknown_key"),
    ],
    ids=str,
)
def test_rules_of_links(params: Any, field: str, rule: str) -> None:
    config, (violation,) = decode(params)
    assert (violation.field, violation.rule) == (field, rule)
    assert isinstance(violation.value, str)
    assert config == RunConfig()


def test_every_wrong_parameter_is_reported() -> None:
    config, violations = decode({"v": "7", "c": "99", "n": "ten", "h": ["8", "9"], "zz": "1", "k": "50"})
    assert _rules(violations) == {
        "v": "version",
        "data.classes": "number",
        "data.points": "not_a_number",
        "model.hidden": "repeated",
        "zz": "unknown_key",
    }
    assert config == replace_field(RunConfig(), "training.epochs", 50)


def test_violations_have_field_rule_value_and_limits() -> None:
    _, violations = decode({"n": "nan", "h": ["8", "9"], "a": "x" * 201, "e": None, "\u202ezz": "1"})  # type: ignore[dict-item]
    assert list(map(str, violations)) == [
        "data.points must be a whole number between 10 and 5000, got 'nan'",
        "model.hidden must be given once, got 2 values",
        "model.activation must have at most 200 characters, got 201",
        "model.embedding must be text, got NoneType",
        "'\N{REPLACEMENT CHARACTER}zz' is not a key of a link",
    ]
    assert [violation.value for violation in violations] == ["nan", "8, 9", "x" * 40 + "…", "NoneType", "1"]
    assert violations[0].limits["min"] == 10
    assert violations[1].limits == {"count": 2}


def test_keys_to_ignore_are_ignored() -> None:
    assert decode({"lang": "zh", "v": "1"}, ignore=("lang",)) == (RunConfig(), [])
    assert parse("?lang=zh&v=1", ignore={"lang"}) == (RunConfig(), [])
    assert _rules(decode({"lang": "zh"})[1]) == {"lang": "unknown_key"}


def test_too_many_parameters_are_reported_once_and_valid_ones_are_read() -> None:
    junk = {f"junk{i}": "1" for i in range(100_000)}
    config, violations = decode({**junk, "h": "8"})
    assert config.model.hidden == (8,)
    assert [violation.rule for violation in violations] == ["unknown_key"] * MAX_PARAMETERS + ["too_many"]
    _, (violation,) = decode({"h": ["8"] * 100_000})
    assert violation.limits == {"count": 100_000}
    assert len(violation.value) <= SHOWN_CHARACTERS
    _, (violation,) = decode({"h": "8" * 10_000})
    assert violation.rule == "too_long"
    assert len("-".join(FEATURES)) < MAX_CHARACTERS


@pytest.mark.parametrize("params", [None, 5, "h=8", [("h", "8")], b"", {1, 2}])
def test_invalid_parameters_give_the_defaults(params: Any) -> None:
    config, (violation,) = decode(params)
    assert config == RunConfig()
    assert (violation.field, violation.rule) == ("link", "not_text")


# --- rules on the whole run -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("params", "rules", "reset", "kept"),
    [
        ({"n": "5000", "c": "8"}, ["samples"], ("data.points",), {"data.classes": 8}),
        ({"h": "256-256-256-256-256-256"}, ["epoch_work"], ("model.hidden",), {}),
        # the layer is not at fault: so many steps are too much for any network
        ({"h": "8", "b": "1"}, ["epoch_work"], ("training.batch_size",), {"model.hidden": (8,)}),
        ({"h": "256-256-256-256-256-256", "b": "1"}, ["epoch_work"], ("model.hidden", "training.batch_size"), {}),
        ({"h": "256-256", "k": "10000"}, ["run_work"], ("training.epochs",), {"model.hidden": (256, 256)}),
        ({"h": "256-256-128", "k": "900"}, ["run_work"], ("model.hidden",), {"training.epochs": 900}),
        ({"n": "5000", "c": "8", "b": "1"}, ["samples", "epoch_work"], ("training.batch_size",), {"data.classes": 8}),
    ],
)
def test_a_too_large_run_has_as_few_settings_reset_as_possible(
    params: dict[str, str], rules: list[str], reset: tuple[str, ...], kept: dict[str, object]
) -> None:
    config, violations = decode(params)
    assert broken(config) == []
    assert [violation.rule for violation in violations] == rules
    assert violations[-1].limits["reset"] == reset
    for name in reset:
        assert get_field(config, name) == SETTINGS[name].default
    for name, value in kept.items():
        assert get_field(config, name) == value


def test_a_rule_without_a_cure_resets_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    # Room for the default run and not for one more input: what a rule of the future could be like.
    monkeypatch.setattr(config_module, "MAX_EPOCH_WORK", config_module.epoch_work(RunConfig()))
    config, (violation,) = decode({"f": "x1-x2-x1x2", "r": "0.1"})
    assert config == RunConfig()
    assert violation.rule == "epoch_work"
    assert violation.limits["reset"] == tuple(SETTINGS)


# --- URLs -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "v=1&h=8",
        "?v=1&h=8",
        "/spiral?v=1&h=8",
        "https://host/spiral?v=1&h=8",
        "https://host:8501/a=b/spiral/?v=1&h=8#top",
        "host?v=1&h=8",
        "http://[::1/?v=1&h=8",
        "  https://host/?h=%38&v=1 \n",
        "h=8",
    ],
)
def test_urls(text: str) -> None:
    assert parse(text) == (replace_field(RunConfig(), "model.hidden", (8,)), [])


@pytest.mark.parametrize("text", ["", "?", "#", "https://host/spiral", "http://[", "/", "?#v=2", "&&&"])
def test_urls_without_a_query(text: str) -> None:
    assert parse(text) == (RunConfig(), [])


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("hello", {"hello": "unknown_key"}),
        ("h=8&h=9", {"model.hidden": "repeated"}),
        ("h=", {"model.hidden": "widths"}),
        ("h", {"model.hidden": "widths"}),
        ("d=a/b?c", {"data.kind": "one_of"}),
        ("n=+5", {"data.points": "not_a_number"}),
        ("n=%ff%fe", {"data.points": "not_a_number"}),
        ("n=%EF%BC%98", {"data.points": "not_a_number"}),
        ("v=1;h=8", {"v": "version"}),
        ("v=1?v=1", {"v": "version"}),
    ],
)
def test_urls_with_mistakes(text: str, rules: dict[str, str]) -> None:
    config, violations = parse(text)
    assert config == RunConfig()
    assert _rules(violations) == rules


# --- anything at all ------------------------------------------------------------------------------------------------
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.builds(object)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=4,
)
texts = st.one_of(st.text(max_size=300), st.sampled_from(NEVER), st.from_regex(r"[-+0-9.eE_x ]{0,12}", fullmatch=True))
keys = st.one_of(st.sampled_from([*KEYS, "v", "lang"]), st.text(max_size=50))
wrongs = st.one_of(texts, st.just(["1", "2"]))


@settings(max_examples=600, deadline=None)
@given(params=st.dictionaries(keys, st.one_of(texts, st.lists(texts, max_size=3)), max_size=12))
def test_random_parameters(params: dict[str, str | list[str]]) -> None:
    config, violations = decode(params)
    _sound(config, violations)
    assert decode(params) == (config, violations)


@settings(max_examples=300, deadline=None)
@given(params=st.dictionaries(st.one_of(keys, st.integers(), st.none()), anything, max_size=6))
def test_parameters_of_any_type(params: Any) -> None:
    _sound(*decode(params))


@settings(max_examples=800, deadline=None)
@given(config=configs(), spoilt=st.dictionaries(st.sampled_from(KEYS), wrongs, min_size=1))
@example(config=RunConfig(), spoilt={"n": "5000", "c": "8"})
def test_valid_parameters_of_broken_links_are_kept(config: RunConfig, spoilt: dict[str, str | list[str]]) -> None:
    params: dict[str, str | list[str]] = {**encode(config), **spoilt}
    read, violations = decode(params)
    _sound(read, violations)
    reset = {name for violation in violations for name in violation.limits.get("reset", ())}
    for name, setting in SETTINGS.items():
        if setting.key not in spoilt and name not in reset:
            assert get_field(read, name) == get_field(config, name)
    # What is not reported as wrong was taken, and what is wrong got its own default.
    wrong = {violation.field for violation in violations if "reset" not in violation.limits}
    for key in spoilt:
        name = BY_KEY[key].name
        if name in wrong:
            assert get_field(read, name) == BY_KEY[key].default
        elif name not in reset:
            assert get_field(read, name) == codec.read(BY_KEY[key].rule, str(spoilt[key]))


@settings(max_examples=300, deadline=None)
@given(kept=configs(), name=st.sampled_from(list(SETTINGS)), data=st.data())
def test_valid_values_of_invalid_runs(kept: RunConfig, name: str, data: st.DataObject) -> None:
    """If every setting is valid by itself, only rules on the whole run break, and only their fields are reset."""
    value = data.draw(values(SETTINGS[name].rule))
    asked = replace_field(kept, name, value)
    read, violations = decode(encode(asked))
    _sound(read, violations)
    assert {violation.rule for violation in violations} <= {violation.rule for violation in broken(asked)}
    reset = {name for violation in violations for name in violation.limits["reset"]}
    for each, setting in SETTINGS.items():
        assert get_field(read, each) == (setting.default if each in reset else get_field(asked, each))


@settings(max_examples=500, deadline=None)
@given(config=configs(), data=st.data())
def test_mutated_urls(config: RunConfig, data: st.DataObject) -> None:
    """A link in which some characters were deleted and others inserted."""
    text = f"https://host/spiral?{link(config)}"
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(start + 5, len(text))))
        text = text[:start] + data.draw(st.one_of(st.text(max_size=4), st.sampled_from("&=?#%/;+-_.0 "))) + text[end:]
    _sound(*parse(text))


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(st.text(), st.text("vh=&?#/:[]%18-", max_size=40)))
@example("http://[")
@example("&".join("h=8" for _ in range(5000)))
@example("n=" + "9" * 10_000)
@example("%" * 1000)
def test_random_urls(text: str) -> None:
    _sound(*parse(text))
