"""The film of a run: its frames are the run's regions at its epochs."""

import io

from PIL import Image, ImageChops

from dlcore.spiral import film, regions
from dlcore.spiral.config import RunConfig, replace_field
from dlcore.spiral.training import Run

CONFIG = replace_field(replace_field(RunConfig(), "training.epochs", 60), "data.points", 40)


def test_every_frame_is_the_region_at_its_epoch() -> None:
    run, twin = Run(CONFIG), Run(CONFIG)
    moving, last = film.record(run, lambda epoch: run.advance(epoch - run.epoch), "dark", size=20, factor=2)
    assert run.finished
    images = Image.open(io.BytesIO(moving))
    epochs = film.epochs(60)
    assert images.n_frames == len(epochs)
    train, test = twin.prepared.train, twin.prepared.test
    half = max(regions.limit(train), regions.limit(test))
    points = regions.Points(train, test, half=half, pixels=40)
    for i, epoch in enumerate(epochs):
        twin.advance(epoch - twin.epoch)
        png = regions.region(twin.engine, half=half, names=("x1", "x2"), size=20, factor=2, theme="dark", points=points)
        images.seek(i)
        assert not ImageChops.difference(images.convert("RGB"), Image.open(io.BytesIO(png)).convert("RGB")).getbbox()
    assert last == png


def test_epochs_grow_from_the_first_to_the_last() -> None:
    for total in (1, 5, 1000, 100_000):
        epochs = film.epochs(total)
        assert (epochs[0], epochs[-1]) == (0, total)
        assert epochs == sorted(set(epochs))
        assert len(epochs) <= film.FRAMES
