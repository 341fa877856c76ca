"""Tests of the images lesson: data, models against torch, runs in bounded pieces, programs and pictures."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import math
import struct
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from programs import printed
from sklearn.datasets import load_digits
from specs import BLUE, axis, layers
from torch import Tensor, nn

from dlcore.drawing.palette import GREY
from dlcore.images import data as images
from dlcore.images import download
from dlcore.images.data import Images, Subset, digits
from dlcore.lessons.images import batches as images_batches
from dlcore.lessons.images import pictures as images_pictures
from dlcore.lessons.images import programs as images_programs
from dlcore.lessons.images.charts import probability_frame, probability_spec
from dlcore.lessons.images.model import QUOTA, ImagesRun, Kind, Training
from dlcore.network.from_scratch import Model, cross_entropy, mask
from pages.ui.language import LANGUAGES, prose

DIGITS = digits()
FEW = DIGITS.limited(80)


def train(data: Images, training: Training) -> ImagesRun:
    """Return a run trained to its end."""
    run = ImagesRun(data, training)
    while not run.finished:
        run.advance_for(1.0)
    return run


def run_code(code: str) -> tuple[str, dict[str, Any]]:
    output, names = io.StringIO(), {"__name__": "__main__"}
    with contextlib.redirect_stdout(output):
        exec(code, names)
    return output.getvalue().strip(), names


# --- data -------------------------------------------------------------------------------------------------------------
def test_digits_are_scikit_learns_each_once() -> None:
    bunch = load_digits()
    assert (len(DIGITS.train), len(DIGITS.test)) == (1437, 360)
    whole = torch.cat([DIGITS.train.X, DIGITS.test.X]).double().numpy()
    labels = torch.cat([DIGITS.train.y, DIGITS.test.y]).numpy()
    got = np.column_stack([whole, labels])
    want = np.column_stack([bunch.data, bunch.target])
    assert (got[np.lexsort(got.T)] == want[np.lexsort(want.T)]).all()
    inputs = DIGITS.inputs(DIGITS.train.X)
    assert (inputs.min().item(), inputs.max().item()) == (0.0, 1.0)
    assert len(DIGITS.test.y.unique()) == 10
    assert digits() is DIGITS


def idx(array: np.ndarray[Any, Any]) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.integers(0, 99))
def test_read_idx_inverts_idx(shape: list[int], seed: int) -> None:
    array = np.random.default_rng(seed).integers(0, 256, shape)
    assert images.read_idx(idx(array)).tolist() == array.tolist()


def test_read_idx_refuses_another_header() -> None:
    with pytest.raises(ValueError, match="must begin with"):
        images.read_idx(struct.pack(">HBBI", 0, 13, 1, 0))


def test_fashion_is_read_from_its_files_and_both_programs_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.integers(0, 256, (30, 28, 28)), rng.integers(0, 10, 30), rng.integers(0, 256, (9, 28, 28))]
    files = []
    for file, array in zip(download.FASHION, [*arrays, rng.integers(0, 10, 9)], strict=True):
        content = gzip.compress(idx(array))
        (tmp_path / file.name).write_bytes(content)
        files.append(download.File(file.name, len(content), hashlib.md5(content).hexdigest()))
    monkeypatch.setattr(download, "FASHION", tuple(files))
    data = images.fashion(tmp_path)
    images.fashion.cache_clear()
    assert (data.side, len(data.train), len(data.test)) == (28, 30, 9)
    assert data.train.X.tolist() == arrays[0].reshape(30, -1).tolist()
    assert data.train.y.tolist() == arrays[1].tolist()
    assert data.inputs(data.test.X).max() <= 1
    assert data.limited(10).train.X.data_ptr() == data.train.X.data_ptr(), "limiting must not copy the pixels"
    run = ImagesRun(data.limited(20), Training(hidden=8, epochs=1, batch_size=8))
    run.advance(1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = download.cache_folder()
    folder.parent.mkdir(parents=True)
    folder.symlink_to(tmp_path)
    for snippet in (images_programs.scratch(run), images_programs.concise(run)):
        output, _ = run_code(snippet.code)
        assert snippet.output == ""  # single precision
        assert output.split("accuracy ")[1].split()[0] == f"{run.history[-1].test_accuracy:.4f}"


# --- models -----------------------------------------------------------------------------------------------------------
@given(inputs=st.integers(1, 8), hidden=st.integers(0, 8), n=st.integers(1, 6), seed=st.integers(0, 99))
def test_weights_logits_and_loss_are_torchs(inputs: int, hidden: int, n: int, seed: int) -> None:
    widths = [inputs, hidden, 10] if hidden else [inputs, 10]
    generator = torch.Generator().manual_seed(seed)
    model = Model(widths, dropout=0.0, dtype=torch.float64, generator=generator)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = [nn.Linear(a, b, dtype=torch.float64) for a, b in pairwise(widths)]
    net = nn.Sequential(*(layers if not hidden else [layers[0], nn.ReLU(), layers[1]]))
    for ours, theirs in zip(model.parameters, net.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)
    assert model.size == sum(parameter.numel() for parameter in net.parameters())
    X = torch.rand(n, inputs, dtype=torch.float64, generator=generator)
    y = torch.randint(10, (n,), generator=generator)
    torch.testing.assert_close(model.logits(X), net(X))
    torch.testing.assert_close(cross_entropy(model.logits(X) * 500, y), nn.functional.cross_entropy(net(X) * 500, y))


@given(rows=st.integers(1, 20), columns=st.integers(1, 50), p=st.floats(0.0, 0.95), seed=st.integers(0, 99))
def test_mask_equals_nn_dropouts(rows: int, columns: int, p: float, seed: int) -> None:
    X = torch.ones(rows, columns, dtype=torch.float64)
    ours = mask(X, p, generator=torch.Generator().manual_seed(seed))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        theirs = nn.Dropout(p)(X)
    torch.testing.assert_close(ours, theirs)
    assert set(ours.flatten().tolist()) <= {0.0, 1 / (1 - p)} or p == 0


def test_mask_keeps_the_mean() -> None:
    drawn = mask(torch.ones(40_000), 0.3, generator=torch.Generator().manual_seed(0))
    assert abs(drawn.mean().item() - 1) < 3 * drawn.std().item() / 200


# --- the run ----------------------------------------------------------------------------------------------------------
def test_presets_reach_their_test_accuracy() -> None:
    runs = [train(DIGITS, Training(seed=seed)) for seed in range(3)]
    assert all(run.history[-1].test_accuracy >= 0.97 for run in runs)
    assert train(DIGITS, Training(kind="softmax", optimizer="sgd", lr=0.1)).history[-1].test_accuracy >= 0.93
    assert train(DIGITS, Training(kind="dropout", hidden=256)).history[-1].test_accuracy >= 0.97


@settings(max_examples=12)
@given(
    kind=st.sampled_from(["softmax", "mlp", "dropout"]),
    hidden=st.integers(1, 20),
    dropout=st.sampled_from([0.0, 0.25, 0.9]),
    rule=st.sampled_from(["sgd", "adam"]),
    lr=st.sampled_from([0.0005, 0.01, 0.1]),
    batch_size=st.sampled_from([8, 100, 512]),
    weight_decay=st.sampled_from([0.0, 0.001, 0.1]),
    epochs=st.integers(0, 3),
    seed=st.integers(0, 9999),
)
def test_both_programs_print_the_shown_output(epochs: int, rule: Any, kind: Any, **rest: Any) -> None:
    run = ImagesRun(DIGITS, Training(kind=kind, optimizer=rule, epochs=max(epochs, 1), **rest))
    while run.epoch < epochs:
        run.advance(1)
    scratch, concise = images_programs.scratch(run), images_programs.concise(run)
    output, names = run_code(scratch.code)
    assert output == scratch.output
    torch.testing.assert_close(run.model.theta, names["theta"])
    output, names = run_code(concise.code)
    assert output == concise.output
    for ours, theirs in zip(run.model.parameters, names["model"].parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-7, rtol=1e-6)


def test_advance_for_does_at_most_the_given_epochs() -> None:
    run = ImagesRun(FEW, Training(kind="softmax", epochs=4, batch_size=16))
    run.advance_for(60.0, 1)
    assert (run.epoch, run.updates) == (1, 0)
    run.advance_for(60.0, 2)
    assert run.epoch == 3


def test_pieces_do_not_change_the_run() -> None:
    training = Training(kind="dropout", hidden=16, epochs=4, batch_size=16, weight_decay=0.01)
    whole, pieces = train(FEW, training), ImagesRun(FEW, training)
    seen = set()
    while not pieces.finished:
        pieces.advance_for(0.0)
        seen.add((pieces.epoch, pieces.updates))
    assert {(epoch, batch) for epoch in range(4) for batch in range(1, 6)} <= seen
    assert pieces.history == whole.history
    assert [record.epoch for record in whole.history] == [0, 1, 2, 3, 4]
    first = whole.history
    whole.restart()
    assert (whole.epoch, whole.updates, len(whole.history)) == (0, 0, 1)
    whole.advance(100)
    assert whole.history == first


def test_records_agree_with_the_probabilities() -> None:
    run = train(FEW, Training(kind="dropout", hidden=16, epochs=3))
    part, probabilities = run.predict_test()
    last = run.history[-1]
    assert len(part) == 360
    torch.testing.assert_close(probabilities.sum(1), torch.ones(360, dtype=torch.float64))
    assert (probabilities.argmax(1) == part.y).double().mean().item() == last.test_accuracy
    assert -probabilities[torch.arange(360), part.y].log().mean().item() == pytest.approx(last.test_loss)


def large(n: int) -> Images:
    generator = torch.Generator().manual_seed(0)
    X = torch.randint(256, (n, 784), dtype=torch.uint8, generator=generator)
    part = Subset(X, torch.randint(10, (n,), generator=generator))
    return Images("fashion", part, part.first(3000), 28, 255, torch.float32)


def test_advance_on_large_data_is_bounded_and_resumes() -> None:
    """The bound is on multiplications, three for each weight and sample of an update, not on time."""
    run = ImagesRun(large(20_000), Training(hidden=256, batch_size=512, epochs=2))
    run.advance(1)
    assert (run.epoch, run.finished) == (0, False)
    assert 0 < run.updates < run.batches == 40
    assert run.updates * 512 * 3 * run.model.size <= QUOTA + 512 * 3 * run.model.size
    before = run.updates
    run.advance(100)
    assert before < run.updates <= 2 * before
    small = ImagesRun(DIGITS, Training(kind="dropout", hidden=256, batch_size=8))
    small.advance(1)
    assert (small.epoch, small.updates) == (1, 0)  # an epoch of the digits is one step


def test_a_diverged_run_is_finished_and_keeps_finite_records() -> None:
    huge = Images("digits", Subset(FEW.train.X, FEW.train.y), FEW.test, 8, 1e-200, torch.float64)  # type: ignore[arg-type]
    run = train(huge, Training(optimizer="sgd", lr=1.0, epochs=50))
    assert run.diverged
    assert run.epoch == run.history[-1].epoch < 50, "the epoch that failed does not count"
    assert all(np.isfinite([record.test_loss, record.train_loss]).all() for record in run.history)
    run.restart()
    assert not run.diverged


# --- batches ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("batch", "seed"), [(8, 0), (32, 5), (512, 1)])
def test_batches_program_prints_the_first_batch(batch: int, seed: int) -> None:
    X, y = images_batches.first_batch(DIGITS, batch, seed)
    snippet = images_programs.batches(DIGITS, batch, seed, X, y)
    output, names = run_code(snippet.code)
    assert output == snippet.output
    torch.testing.assert_close(names["X_batch"], DIGITS.inputs(X))
    assert names["y_batch"].tolist() == y.tolist()


def test_epoch_times_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(perf_counter=iter([0.0, 0.3, 0.4]).__next__)
    with monkeypatch.context() as patch:
        patch.setattr(images_batches, "time", clock)
        times = images_batches.measure_epochs(DIGITS, 32)
    assert times.samples == 1437
    assert (times.loader, times.indexed) == pytest.approx((300, 100))
    assert images_batches.measure_epochs(large(5000), 64).samples == images_batches.MAX_TIMED


# --- pictures ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_sheet_shows_the_pixels(theme: Any) -> None:
    shown = images_pictures.to_pictures(DIGITS, DIGITS.train.X[:7])
    sheet = Image.open(io.BytesIO(images_pictures.sheet(shown, list("6557998"), columns=5, factor=3, theme=theme)))
    assert sheet.mode == "P"
    levels = np.asarray(sheet)
    for i in range(7):
        top, left = 6 + i // 5 * (26 + 15 + 6) + 1, 6 + i % 5 * (26 + 6) + 1
        cell = levels[top : top + 24, left : left + 24]
        assert (cell == np.round(shown[i].numpy() * 255).repeat(3, 0).repeat(3, 1)).all()
        assert levels[top + 25 : top + 38, left : left + 24].max() > 100, "no label"
    palette = np.asarray(sheet.getpalette()).reshape(-1, 3)
    assert (palette[0].sum() > palette[255].sum()) == (theme == "light"), "ink on the theme's own ground"
    assert images_pictures.sheet(shown[:0], [], columns=5, factor=3, theme=theme, rows=2)


def test_mistakes_are_the_wrong_predictions_most_confident_first() -> None:
    p = torch.tensor([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.05, 0.95], [0.5, 0.5]])
    part = Subset(torch.zeros(5, 1), torch.tensor([0, 0, 1, 0, 0]))
    found = images_pictures.mistakes(part, p, 2)
    assert (found.count, found.rows, found.predicted) == (3, [3, 1], [1, 1])
    assert found.probability == pytest.approx([0.95, 0.8])
    none = images_pictures.mistakes(part.first(1), p[:1], 2)
    assert (none.count, none.rows) == (0, [])


@given(dx=st.integers(-14, 14), dy=st.integers(-14, 14), side=st.sampled_from([8, 28]), seed=st.integers(0, 9))
def test_moved_shifts_the_pixels(dx: int, dy: int, side: int, seed: int) -> None:
    picture = torch.rand(side, side, generator=torch.Generator().manual_seed(seed))
    moved = images_pictures.moved(picture, dx, dy)
    for row in range(side):
        for column in range(side):
            inside = 0 <= row - dy < side and 0 <= column - dx < side
            assert moved[row, column] == (picture[row - dy, column - dx] if inside else 0)


@pytest.mark.parametrize("text", [None, 5, "", "0" * 1024, "f" * 1023, "f" * 1025, "g" * 1024, "F" * 1024, b"f" * 1024])
def test_read_drawing_refuses_invalid_or_blank_text(text: object) -> None:
    assert images_pictures.read_drawing(text) is None


def as_text(drawing: Tensor) -> str:
    return "".join(f"{round(15 * value):x}" for value in drawing.flatten().tolist())


def test_a_drawing_is_read_cell_by_cell() -> None:
    drawing = torch.arange(1024).remainder(16).reshape(32, 32) / 15
    read = images_pictures.read_drawing(as_text(drawing))
    assert read is not None
    torch.testing.assert_close(read, drawing)


@given(
    top=st.integers(0, 20),
    left=st.integers(0, 20),
    height=st.integers(4, 12),
    width=st.integers(4, 12),
    side=st.sampled_from([8, 28]),
)
def test_a_drawing_is_centred_and_scaled(top: int, left: int, height: int, width: int, side: int) -> None:
    drawing = torch.zeros(32, 32)
    drawing[top : top + height, left : left + width] = 1
    picture = images_pictures.like_data(drawing, side)
    assert picture.shape == (side, side)
    assert 0 <= picture.min() <= picture.max() <= 1
    shifted = images_pictures.like_data(images_pictures.moved(drawing, 1, 1), side)
    if top + height < 32 and left + width < 32:
        torch.testing.assert_close(picture, shifted)  # wherever it was drawn
    longer = picture.sum(0 if height >= width else 1).max().item()
    assert longer == pytest.approx(side, abs=0.6)  # from edge to edge
    grid = torch.arange(side) - (side - 1) / 2
    assert abs((picture.sum(0) * grid).sum() / picture.sum()) <= (0.2 if side == 8 else 0.51)  # in the middle


def test_numbers_of_the_prose() -> None:
    """Moving by one pixel makes half of the answers wrong; decay closes the gap, and dropout of 0.9 costs little."""
    tasks = [prose(language)["images/try"] for language in LANGUAGES]
    run = train(DIGITS, Training())
    part, _ = run.predict_test()
    shown = images_pictures.to_pictures(DIGITS, part.X)
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        moved = torch.stack([images_pictures.moved(picture, dx, dy) for picture in shown]).reshape(len(part), -1)
        right = (run.probabilities(moved).argmax(1) == part.y).double().mean().item()
        assert 0.35 < right < 0.65
    free, decayed = run.history[-1], train(DIGITS, Training(weight_decay=0.05)).history[-1]
    silent = train(DIGITS, Training(kind="dropout", hidden=256, dropout=0.9)).history[-1]
    assert (free.train_loss, free.test_loss) == pytest.approx((0.010, 0.094), abs=0.001)
    assert (decayed.train_loss, decayed.test_loss) == pytest.approx((0.72, 0.72), abs=0.005)
    assert silent.test_loss == pytest.approx(0.11, abs=0.01)
    softmax = train(DIGITS, Training(kind="softmax", optimizer="sgd", lr=0.1)).history[-1]
    assert 0.4 < (1 - free.test_accuracy) / (1 - softmax.test_accuracy) < 0.65, "half as many mistakes"
    numbers = [f"{loss:.2f}" for loss in (free.train_loss, free.test_loss, decayed.train_loss, silent.test_loss)]
    for task in tasks:
        assert f"{free.test_accuracy:.1%}" in task.replace(" %", "%")
        assert all(number in task for number in numbers)


@pytest.mark.parametrize("kind", ["mlp", "dropout"])
def test_validation_samples_are_not_trained_on_and_choose(kind: Kind) -> None:
    run = train(DIGITS, Training(kind=kind, hidden=16, epochs=4, n_validation=200))
    n = len(DIGITS.train) - 200
    assert torch.equal(run.images.train.X, DIGITS.train.X[:n])
    assert torch.equal(run.valid.X, DIGITS.train.X[n:])
    loss = torch.nn.functional.cross_entropy(run.model.logits(DIGITS.inputs(run.valid.X)), run.valid.y)
    assert run.history[-1].validation_loss == pytest.approx(loss.item())
    assert run.chosen.validation_loss == min(record.validation_loss for record in run.history)
    for write in (images_programs.scratch, images_programs.concise):
        snippet = write(run)
        assert printed(snippet.code) == snippet.output
        assert f"parameters {sum(p.numel() for p in run.model.parameters)}\n" in snippet.output


def test_without_validation_all_training_samples_are_trained_on() -> None:
    run = ImagesRun(DIGITS, Training())
    assert len(run.images.train) == len(DIGITS.train)
    assert math.isnan(run.history[0].validation_loss)


def test_a_blank_drawing_is_a_blank_picture() -> None:
    assert images_pictures.like_data(torch.zeros(32, 32), 8).sum() == 0


def test_drawn_test_digits_are_recognised() -> None:
    """Test digits drawn in 32 × 32 are recognised nearly as well as the digits themselves."""
    run = train(DIGITS, Training())
    part = DIGITS.test.first(100)
    right = 0
    for picture, label in zip(images_pictures.to_pictures(DIGITS, part.X), part.y.tolist(), strict=True):
        small = torch.zeros(32, 32)
        small[6:22, 9:25] = picture.repeat_interleave(2, 0).repeat_interleave(2, 1)
        read = images_pictures.read_drawing(as_text(small))
        assert read is not None
        right += int(run.probabilities(images_pictures.like_data(read, 8).reshape(1, -1)).argmax()) == label
    assert right >= 85


def test_probability_bars() -> None:
    frame = probability_frame([0.1, 0.7, 0.2], ["a", "b", "c"])
    assert frame["best"].tolist() == [False, True, False]
    spec = probability_spec("p", "class", ("a", "b", "c"), 100)
    assert spec["encoding"]["y"]["sort"] == ["a", "b", "c"]
    assert spec["encoding"]["x"]["scale"]["domain"] == [0, 1]
    assert (frame["class"].tolist(), frame["probability"].tolist()) == (["a", "b", "c"], [0.1, 0.7, 0.2])
    assert axis(spec, "x") == ({"probability"}, {"p"}, {"linear"}, [0, 1])
    assert axis(spec, "y")[:2] == ({"class"}, {"class"})
    (bars,) = layers(spec)
    assert bars.encoding["color"] == {"condition": {"test": "datum.best", "value": BLUE}, "value": GREY}
