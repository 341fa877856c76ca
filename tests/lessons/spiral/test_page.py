"""The spiral page, operated by its widgets: training, changes during a run, links, uploads, the panels."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from driver import (
    SMALL,
    charts,
    frame,
    go,
    open_panel,
    open_spiral,
    open_view,
    picture,
    press,
    session,
    sliders,
    sound,
    upload,
    warnings,
)
from links import decode, encode, parse
from numerals import read_all
from streamlit.testing.v1 import AppTest

from dlcore.drawing import formats
from dlcore.network.device import devices
from dlcore.spiral import regions
from dlcore.spiral.config import RunConfig, get_field
from dlcore.spiral.experiments import PRESETS
from dlcore.spiral.training import Run
from pages.spiral.spiral import live
from pages.ui import player
from pages.ui.language import LANGUAGES, labels

CSV = b"height,weight,kind\n" + b"20,4,cat\n60,30,dog\n22,5,cat\n58,27,dog\n" * 10


@pytest.fixture
def app() -> AppTest:
    return open_spiral(**SMALL)


def weights(app: AppTest) -> torch.Tensor:
    return torch.cat([tensor.flatten() for tensor in session(app).run.engine.state_dict().values()])


def words(app: AppTest) -> dict[str, str]:
    return labels(app.session_state["language"])


def toolbar_epoch(app: AppTest) -> str:
    text: str = next(element.value for element in app.markdown if "**" in element.value and " / " in element.value)
    return text.replace("\u2060", "").replace("\u2007", "")  # the digits' padding


# --- the run --------------------------------------------------------------------------------------------------------
def test_play_trains_to_the_end(app: AppTest) -> None:
    assert session(app).run.epoch == 0
    press(app, "play")
    run = session(app).run
    assert (run.epoch, run.finished) == (50, True)
    twin = Run(session(app).config)
    twin.advance(50)
    assert run.losses == pytest.approx(twin.losses, abs=1e-6)
    assert toolbar_epoch(app) == "epoch **50** / 50"
    assert app.button(key="spiral.play").label == words(app)["run.play"]
    assert app.button(key="spiral.step").disabled
    shown = " ".join(element.value for element in app.markdown)
    assert f"[EPOCH]: 49, [LOSS]: {run.losses[-1]:.6f}, [ACCURACY]: " in shown
    assert len(frame(charts(open_view(app, "curves"))[words(app)["alt.loss"]])) == len(run.history)


def test_the_default_run_separates_the_spiral() -> None:
    app = press(open_spiral(), "play")
    assert session(app).config == RunConfig()
    assert session(app).run.epoch == 1000
    assert session(app).run.measure().test_accuracy > 0.9


def test_play_after_the_end_restarts(app: AppTest) -> None:
    press(app, "play")
    first = list(session(app).run.losses)
    press(app, "play")
    assert session(app).run.losses == pytest.approx(first, abs=1e-6)
    assert len(session(app).run.losses) == 50


def test_step_is_one_epoch(app: AppTest) -> None:
    for epoch in (1, 2, 3):
        press(app, "step")
        assert session(app).run.epoch == epoch
    assert session(app).mode == "paused"
    assert toolbar_epoch(app) == "epoch **3** / 50"


def test_play_turns_into_pause_and_back(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "train", lambda view, session: None)
    open_panel(app, "predictions")
    press(app, "play")
    assert app.button(key="spiral.play").label == words(app)["run.pause"]
    assert words(app)["spiral.panel.waiting"] in [caption.value for caption in app.caption]
    press(app, "play")
    assert session(app).mode == "paused"
    assert app.button(key="spiral.play").label == words(app)["run.play"]


def test_pause_stops_between_two_frames_and_play_goes_on(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    s, frames = session(app), 0
    sound(app.selectbox(key="spiral.speed").select(5).run())
    assert s.speed == 5

    def sleep(seconds: float) -> None:
        nonlocal frames
        frames += 1
        if frames == 3:
            s.pause()

    monkeypatch.setattr(player, "time", SimpleNamespace(monotonic=player.time.monotonic, sleep=sleep))
    press(app, "play")
    assert (s.mode, s.run.epoch) == ("paused", 15)
    press(app, "play")
    assert s.run.epoch == 50
    assert frames == 10


def test_to_the_end_then_paused(app: AppTest) -> None:
    press(app, "to_end")
    assert session(app).run.finished
    assert session(app).mode == "paused"


def test_stop_goes_back_to_the_start_and_pauses(app: AppTest) -> None:
    untrained = weights(app)
    assert app.button(key="spiral.stop").disabled
    press(app, "to_end")
    assert not torch.equal(weights(app), untrained)
    press(app, "stop")
    assert session(app).run.epoch == 0
    assert session(app).mode == "paused"
    assert torch.equal(weights(app), untrained)
    assert any(words(app)["numbers.untrained"] in element.value for element in app.markdown)


def test_restart_gives_the_same_numbers(app: AppTest) -> None:
    untrained = weights(app)
    press(app, "to_end")
    losses, trained = list(session(app).run.losses), weights(app)
    press(app, "restart")
    assert session(app).run.epoch == 0
    assert torch.equal(weights(app), untrained)
    press(app, "to_end")
    assert session(app).run.losses == pytest.approx(losses, abs=1e-6)
    torch.testing.assert_close(weights(app), trained, atol=1e-4, rtol=1e-3)


def test_new_weights_are_the_next_draw(app: AppTest) -> None:
    press(app, "step")
    before, data = weights(app), session(app).run.prepared.train.X
    press(app, "new_weights")
    assert session(app).config.model.draw == 2
    assert session(app).run.epoch == 0
    untrained = Run(session(app).config).engine.state_dict()
    assert torch.equal(weights(app), torch.cat([tensor.flatten() for tensor in untrained.values()]))
    assert not torch.equal(weights(app), before)
    assert torch.equal(session(app).run.prepared.train.X, data)
    session(app).set("model.draw", 100)
    session(app).new_weights()
    assert session(app).config.model.draw == 1


def test_a_diverged_run_says_so() -> None:
    app = press(open_spiral(**SMALL, o="sgd", r="10", l2="1", z="1"), "to_end")
    assert session(app).run.finished
    if (diverged := session(app).run.diverged_at) is not None:
        assert words(app)["spiral.diverged"].format(epoch=diverged) in toolbar_epoch(app)


def test_the_cpu_takes_over_from_a_device_that_fails(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    s = session(app)
    s.run.config = replace(s.config, device="cuda")  # as if it computed there
    s.values = s.config.values()

    def lost(seconds: float, epochs: int | None = None) -> None:
        raise RuntimeError("CUDA error")

    monkeypatch.setattr(s.run, "advance_for", lost)
    press(app, "play")
    assert s.values == s.config.values() == decode(SMALL)[0].values()
    assert s.run.epoch == 50
    assert words(app)["problem.replaced"] in warnings(app)
    assert "`cuda`" in warnings(app)


# --- changes --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("id", PRESETS)
def test_preset(app: AppTest, id: str) -> None:
    sound(app.selectbox(key="spiral.preset").select(id).run())
    assert session(app).config == PRESETS[id]
    assert session(app).run.config == PRESETS[id]
    assert not app.warning
    assert app.selectbox(key="spiral.preset").value == id
    press(app, "step")
    assert session(app).run.epoch == 1
    session(app).set("data.seed", 999)
    sound(app.run())
    assert app.selectbox(key="spiral.preset").value is None


@pytest.mark.parametrize("name", ["training.lr", "training.l1", "training.l2"])
def test_a_changeable_setting_continues_the_run(app: AppTest, name: str) -> None:
    press(app, "step")
    press(app, "step")
    run, before = session(app).run, weights(app)
    session(app).set(name, 0.05)
    sound(app.run())
    assert session(app).run is run
    assert run.epoch == 2
    assert torch.equal(weights(app), before)
    assert get_field(run.config, name) == 0.05
    press(app, "step")
    assert run.epoch == 3
    open_panel(app, "code")
    assert words(app)["spiral.code.changed"].format(epoch=2) in [caption.value for caption in app.caption]


@pytest.mark.parametrize(("name", "value"), [("model.hidden", (9,)), ("data.noise", 0.3), ("training.batch_size", 32)])
def test_other_settings_begin_a_new_run(app: AppTest, name: str, value: Any) -> None:
    press(app, "step")
    run = session(app).run
    session(app).set(name, value)
    sound(app.run())
    assert session(app).run is not run
    assert session(app).run.epoch == 0
    press(app, "to_end")
    assert session(app).run.epoch == 50


def test_a_change_after_the_end_of_a_played_run_plays_it_whole(app: AppTest) -> None:
    press(app, "play")
    session(app).set("training.lr", 0.02)
    sound(app.run())
    twin = Run(session(app).config)
    twin.advance(50)
    assert session(app).run.losses == pytest.approx(twin.losses, abs=1e-5)
    session(app).set("model.hidden", (4,))
    sound(app.run())
    assert session(app).run.epoch == 50


def test_more_epochs_continue_a_finished_run(app: AppTest) -> None:
    press(app, "to_end")
    session(app).set("training.epochs", 60)
    sound(app.run())
    assert session(app).run.epoch == 50
    press(app, "to_end")
    assert session(app).run.epoch == 60
    session(app).set("training.epochs", 20)
    sound(app.run())
    assert session(app).run.finished


def test_language_switch_keeps_the_run(app: AppTest) -> None:
    press(app, "step")
    run, config = session(app).run, session(app).config
    sound(app.segmented_control(key="language.switch").set_value("zh").run())
    assert app.title[0].value == labels("zh")["page.spiral"]
    assert app.query_params["lang"] == "zh"
    assert session(app).run is run
    assert (run.epoch, session(app).config) == (1, config)
    assert sliders(app)[labels("zh")["spiral.setting.training.epochs"]]["value"] == 50
    press(app, "step")
    assert (run.epoch, toolbar_epoch(app)) == (2, "周期 **2** / 50")


@pytest.mark.parametrize("elsewhere", ["home", "reproduce"])
def test_leaving_and_coming_back_keeps_everything(app: AppTest, elsewhere: str) -> None:
    press(app, "step")
    session(app).set("training.lr", 0.05)
    sound(app.run())
    run, config = session(app).run, session(app).config
    go(app, elsewhere)
    session(app).address.changed_at -= 60  # some time later
    go(app, "spiral")
    assert session(app).run is run
    assert (run.epoch, session(app).config) == (1, config)
    assert not app.warning
    params = {key: value for key, value in app.query_params.items() if key != "lang"}
    assert params == encode(config)


# --- links ----------------------------------------------------------------------------------------------------------
def test_a_link_opens_its_run(app: AppTest) -> None:
    config, problems = decode(SMALL)
    assert not problems
    assert session(app).config == config
    assert session(app).mode == "paused"
    assert not app.warning


def test_a_link_can_play() -> None:
    app = open_spiral(**SMALL, play="1")
    assert session(app).run.epoch == 50


def test_a_link_can_play_the_default_run() -> None:
    assert session(open_spiral(play="1")).run.epoch == 1000


def test_play_must_be_1() -> None:
    assert session(open_spiral(**SMALL, play="yes")).run.epoch == 0


def test_a_moved_control_replaces_the_address(app: AppTest) -> None:
    session(app).set("training.lr", 0.05)
    sound(app.run())
    assert session(app).config.training.lr == 0.05
    session(app).address.changed_at -= 60
    sound(app.run())
    assert app.query_params["r"] == "0.05"
    sound(app.run())
    assert session(app).config.training.lr == 0.05


def test_a_moved_control_replaces_an_address_with_a_repeated_key() -> None:
    app = open_spiral(**{**SMALL, "s": ["1", "2"]})
    assert "Seed" in warnings(app)
    session(app).set("training.lr", 0.05)
    sound(app.run())
    assert session(app).config.training.lr == 0.05


def test_a_new_address_replaces_the_settings_of_the_session(app: AppTest) -> None:
    press(app, "step")
    app.query_params = {"lang": "en", **SMALL, "h": "5-5"}
    sound(app.run())
    assert session(app).config.model.hidden == (5, 5)
    assert session(app).run.epoch == 0


BAD = [
    ({"zz": "1"}, None, "zz", "1"),
    ({"r": "nan"}, "training.lr", "nan", ""),
    ({"r": "NaN"}, "training.lr", "NaN", ""),
    ({"r": "inf"}, "training.lr", "inf", ""),
    ({"z": "1e308"}, "data.noise", "1e308", "0"),
    ({"l2": "-1"}, "training.l2", "-1", "0"),
    ({"c": "-3"}, "data.classes", "-3", "8"),
    ({"s": "1_000"}, "data.seed", "1_000", ""),
    ({"s": "9" * 150}, "data.seed", "9999999999", ""),
    ({"w": "0"}, "model.draw", "0", "100"),
    ({"a": "magic"}, "model.activation", "magic", "relu"),
    ({"f": "x1-x1"}, "data.features", "x1-x1", "sin_x2"),
    ({"e": "yes"}, "model.embedding", "yes", ""),
    ({"t": ["0.1", "0.3"]}, "data.test_share", "0.1, 0.3", "2"),
    ({"o": "x" * 10_000}, "training.optimizer", "xxxxxxxxxx", "200"),
    ({"u": "<script>alert(1)</script>"}, "training.schedule", "<script>alert(1)</script>", "cosine"),
    ({"u": "`**[x](y)**`"}, "training.schedule", "'**[x](y)**'", "cosine"),
    ({"g": "tpu"}, "device", "tpu", "cpu"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("bad", "name", "value", "limit"), BAD, ids=lambda part: str(part)[:20])
def test_a_bad_link(language: str, bad: dict[str, Any], name: str | None, value: str, limit: str) -> None:
    app = open_spiral(language, **{**SMALL, **bad})
    message = warnings(app)
    assert message.startswith(labels(language)["problem.replaced"])
    assert message.count("\n- ") == 1
    if name:
        assert labels(language)[f"spiral.setting.{name}"] in message
    assert value in message
    assert limit in message
    assert len(message) < 600
    good, problems = decode(SMALL)
    assert not problems
    assert session(app).config == good  # the good parameters are kept
    assert session(press(app, "step")).run.epoch == 1


@pytest.mark.parametrize(
    ("language", "key", "name"),
    [("en", "n", "data.points"), ("zh", "h", "model.hidden"), ("en", "k", "training.epochs")],
)
@pytest.mark.parametrize("value", ["-5", "1e308", "nan", "9" * 5000, "", "１２"], ids=lambda value: value[:9])
def test_bad_sizes_get_the_default(language: str, key: str, name: str, value: str) -> None:
    app = open_spiral(language, v="1", z="0.1", **{key: value})
    assert labels(language)[f"spiral.setting.{name}"] in warnings(app)
    assert (value[:20] or labels(language)["problem.nothing"]) in warnings(app)
    assert session(app).config == replace(RunConfig(), data=replace(RunConfig().data, noise=0.1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_version(language: str) -> None:
    app = open_spiral(language, **{**SMALL, "v": "99"})
    assert "`99`" in warnings(app)
    assert session(app).config == decode(SMALL)[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("link", "rule", "kept"),
    [
        ({"n": "5000", "c": "8", "h": "8"}, "samples", {"model.hidden": (8,)}),
        ({"n": "3000", "h": "256-256-256", "z": "0.3"}, "epoch_work", {"data.points": 3000, "data.noise": 0.3}),
        ({"n": "3000", "k": "10000", "h": "100-100"}, "run_work", {"model.hidden": (100, 100)}),
    ],
)
def test_over_budget(language: str, link: dict[str, str], rule: str, kept: dict[str, Any]) -> None:
    app = open_spiral(language, v="1", **link)
    message = labels(language)[f"problem.{rule}"]
    assert message.partition("{")[0] in warnings(app)
    found = next(problem for problem in session(app).problems if problem.rule == rule)
    assert found.limits["reset"]
    for name, value in kept.items():
        assert get_field(session(app).config, name) == value


def test_a_link_of_invalid_parameters_is_reported() -> None:
    app = open_spiral(**SMALL, **{f"key{i}": "x" * 100 for i in range(300)})
    assert warnings(app).count("\n- ") == 11
    assert session(app).config == decode(SMALL)[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_device_is_among_the_first_controls_and_a_missing_one_has_its_reason(language: str) -> None:
    app, here = open_spiral(language, **SMALL), labels(language)  # every group is closed
    name = {device.id: here[f"spiral.option.device.{device.id}"] for device in devices()}
    assert app.selectbox(key="spiral.device").options == [name[device.id] for device in devices() if device.available]
    captions = [caption.value for caption in app.caption]
    for device in devices():
        reason = here.get(f"spiral.device_missing.{device.reason}", "")
        told = [caption for caption in captions if name[device.id] in caption and caption.endswith(reason)]
        assert device.available or told, device


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_device_is_replaced_by_the_cpu(language: str) -> None:
    missing = next(device.id for device in devices() if not device.available)
    app = open_spiral(language, **SMALL, g=missing)
    assert f"`{missing}`" in warnings(app)
    assert "CPU" in warnings(app)
    assert session(app).config == decode(SMALL)[0]
    assert session(press(app, "to_end")).run.finished


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_cannot_contain_a_table(language: str) -> None:
    app = open_spiral(language, **SMALL, d="csv")
    assert labels(language)["problem.no_table"] in warnings(app)
    assert session(app).config == decode(SMALL)[0]


def test_a_link_without_its_table_has_as_few_settings_reset_as_possible() -> None:
    """Without the table it is a spiral, which would have too many points."""
    app = open_spiral(**{**SMALL, "d": "csv", "n": "5000", "c": "8"})
    assert session(app).config == decode({**SMALL, "n": "1000", "c": "8"})[0]
    assert [problem.rule for problem in session(app).problems] == ["no_table", "samples"]
    assert session(app).problem == "problem.replaced"


def test_a_link_to_uploaded_points_is_checked_with_the_size_of_their_table(app: AppTest) -> None:
    upload(app, CSV)
    app.query_params = {"lang": "en", "v": "1", "d": "csv", "n": "5000", "c": "8", "h": "256-256", "k": "50"}
    sound(app.run())
    assert not app.warning
    assert session(app).config.model.hidden == (256, 256)
    assert len(session(app).run.prepared.train.y) == 32


# --- a person's own points ------------------------------------------------------------------------------------------
def test_upload(app: AppTest) -> None:
    s = session(app)
    before = s.address.changed_at
    upload(app, CSV)
    assert s.address.changed_at > before, "it rests before it is written, as any change"
    assert s.values == s.config.values()
    assert s.config.data.kind == "csv"
    assert s.table is not None
    assert len(s.run.prepared.train.y) + len(s.run.prepared.test.y) == 40
    captions = " ".join(caption.value for caption in app.caption)
    assert "`own.csv`" in captions
    assert "`cat`, `dog`" in captions
    assert "`height`" in captions
    assert not app.warning
    assert not app.error
    press(app, "to_end")
    assert s.run.finished
    for panel in ("predictions", "code", "share"):
        open_panel(app, panel)
    assert words(app)["spiral.share.no_table"] in [caption.value for caption in app.caption]
    sound(app.selectbox(key="spiral.data.kind").select("spiral").run())
    assert s.config.data.kind == "spiral"
    sound(app.selectbox(key="spiral.data.kind").select("csv").run())
    assert s.config.data.kind == "csv"
    assert not app.warning


def test_another_upload_replaces_the_points(app: AppTest) -> None:
    upload(upload(app, CSV), CSV + b"40,10,fox\n41,11,fox\n", "more.csv")
    s = session(app)
    assert s.run.prepared.train.n_classes == 3
    assert len(s.run.prepared.train.y) + len(s.run.prepared.test.y) == 42
    assert s.run.epoch == 0


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (b"a,b,c\n1,2,x\n3,oops,y\n" + b"5,6,x\n7,8,y\n" * 6, ("3", "`b`", "`oops`")),
        (b"a,b,c\n1,2,x\n3,,y\n" + b"5,6,x\n7,8,y\n" * 6, ("3", "`b`")),
        (b"a,b,c\n1,2,x\n3,4\n" + b"5,6,x\n7,8,y\n" * 6, ("3", "2")),
        (b"a,b,c\n" + b"5,6,x\n" * 12, ("`a`", "5")),
        (b"a,b,c\n" + b"5,6,x\n7,8,x\n" * 12, ("`c`", "1")),
        (b"a,b,c\n1,2,x\n", ("10", "10,000", "1")),
        (b"", ()),
        (b"\xff\xfe\x00\x01" * 50, ()),
        (b"a,b,c\n1,2,x\n3,<b>oops</b>,y\n" + b"5,6,x\n7,8,y\n" * 6, ("3", "`b`", "`<b>oops</b>`")),
    ],
    ids=["not_numeric", "missing", "columns", "constant", "classes", "too_few_rows", "empty", "nonsense", "markup"],
)
def test_a_refused_upload_names_the_place_of_the_error(language: str, content: bytes, parts: tuple[str, ...]) -> None:
    app = press(open_spiral(language, **SMALL), "step")
    run = session(app).run
    upload(app, content)
    assert len(app.error) == 1
    message = app.error[0].value
    assert message.startswith(labels(language)["spiral.own.kept"])
    assert all(part in message for part in parts), message
    assert session(app).run is run
    assert session(app).table is None
    upload(app, CSV)
    assert not app.error
    assert session(app).config.data.kind == "csv"


def test_an_upload_too_large_for_the_network_is_refused() -> None:
    app = open_spiral(v="1", h="256-256")
    upload(app, CSV)
    rows = "".join(f"{i},{i % 100},{'ab'[i % 2]}\n" for i in range(10_000))
    upload(app, rows.encode(), "large.csv")
    s = session(app)
    assert words(app)["problem.epoch_work"].partition("{")[0] in warnings(app)
    assert s.table is not None
    assert len(s.table.dataset.y) == 40  # the table that is trained on stays
    assert s.table_name == "own.csv"
    assert len(s.run.prepared.train.y) == 32


# --- panels ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("link", [{}, {"h": "0"}, {"h": "6-5", "e": "1"}, {"t": "0"}], ids=str)
def test_every_panel_opens(language: str, link: dict[str, str]) -> None:
    app = press(open_spiral(language, **{**SMALL, **link}), "to_end")
    for panel in ("predictions", "code", "share", "try"):
        open_panel(app, panel)
        assert not app.warning


@pytest.mark.parametrize("language", LANGUAGES)
def test_predictions_equal_those_of_the_network(language: str) -> None:
    app = open_panel(press(open_spiral(language, **SMALL), "to_end"), "predictions")
    run, known = session(app).run, words(app)
    logits = run.engine.logits(torch.cat([run.X_train, run.X_test]))
    for row in (10, 0, 299):
        sound(app.number_input(key="spiral.row").set_value(row).run())
        table = app.table[0].value
        assert read_all(table[known["spiral.predictions.logit"]]) == pytest.approx(logits[row].tolist(), abs=6e-5)
        probabilities = read_all(table[known["predictions.probability"]])
        assert probabilities == pytest.approx(torch.softmax(logits[row], 0).tolist(), abs=6e-5)
        assert sum(probabilities) == pytest.approx(1, abs=2e-4)
        code = app.code[0].value
        assert f"y_pred[{row}].max(0)" in code
        assert f"# {float(logits[row].max()):.4f}" in code
        assert f"# {int(logits[row].argmax())}" in code


def test_row_10_is_the_first_to_be_shown(app: AppTest) -> None:
    open_panel(app, "predictions")
    assert app.number_input(key="spiral.row").value == 10
    assert "y[10]" in app.code[0].value


def test_the_chosen_row_is_the_last_if_the_new_data_are_fewer(app: AppTest) -> None:
    session(app).view.row = 299
    session(app).set("data.points", 10)
    open_panel(app, "predictions")
    assert app.number_input(key="spiral.row").value == 29


def test_confusion_counts_every_point(app: AppTest) -> None:
    open_panel(press(app, "to_end"), "predictions")
    confusions = [chart.proto for chart in app.get("vega_lite_chart") if chart.proto.alt == words(app)["alt.confusion"]]
    assert [frame(chart)["count"].sum() for chart in confusions] == [240, 60]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("when", ["untrained", "half", "end"])
def test_code_is_a_script(language: str, when: str) -> None:
    app = open_spiral(language, **SMALL)
    if when != "untrained":
        press(app, "step" if when == "half" else "to_end")
    open_panel(app, "code")
    script = app.code[0].value
    compile(script, "spiral.py", "exec")
    assert "import torch" in script
    unfinished = words(app)["spiral.code.unfinished"] in [caption.value for caption in app.caption]
    assert unfinished is (when != "end")


def test_the_shared_link_opens_the_same_config(app: AppTest) -> None:
    for preset in PRESETS.values():
        session(app).apply(preset.values())
        open_panel(app, "share")
        assert parse(app.code[0].value) == (preset, [])
        assert len(app.get("download_button")) == 3


# --- the picture ----------------------------------------------------------------------------------------------------
def test_the_regions_are_an_image_that_changes_as_it_learns(app: AppTest) -> None:
    before = picture(app)
    assert before.format == "PNG"
    size, factor = live.AT_REST
    assert before.size == (size * factor, size * factor)
    press(app, "to_end")
    after = picture(app)
    assert after.size == before.size
    assert (np.asarray(after.convert("RGB")) != np.asarray(before.convert("RGB"))).any()
    (axes,) = [html.proto.body for html in app.get("html") if 'class="axes"' in html.proto.body]
    assert all(f">{formats.text(at)}</span>" in axes for at in regions.ticks(session(app).half))


def test_points_and_edges_are_in_the_picture(app: AppTest) -> None:
    colours = {}
    for name, value in (("show_points", True), ("show_points", False), ("hard_edges", True)):
        setattr(session(app).view, name, value)
        colours[name, value] = len(picture(sound(app.run())).convert("RGB").getcolors(1 << 20))
    assert colours["show_points", False] < colours["show_points", True]
    assert colours["hard_edges", True] < colours["show_points", False]


def test_the_painted_points_are_those_of_the_run(app: AppTest) -> None:
    s = session(app)
    first = s.points(300)
    assert s.points(300) is first is not None
    s.set("training.lr", 0.05)
    assert s.points(300) is first
    s.set("data.noise", 0.5)
    assert s.points(300) is not first


def test_pictures_have_alternative_texts_in_the_readers_language() -> None:
    for language in LANGUAGES:
        app = open_view(open_spiral(language, **SMALL), "curves")
        expected = {labels(language)[id] for id in ("alt.loss", "alt.accuracy")}
        assert expected <= set(charts(app))
        assert [image.proto.imgs[0].alt for image in app.get("image")] == [labels(language)["spiral.alt.region"]]
