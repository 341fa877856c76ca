"""The diagram's maps and weights, held to the network's outputs at the points of the plane."""

import base64
import io
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from strategies import configs

from dlcore.drawing.palette import diverging_palette
from dlcore.network.passes import with_ones
from dlcore.spiral import diagram, features
from dlcore.spiral.config import RunConfig, replace_field
from dlcore.spiral.training import Run, prepare


def network_of(hidden, **changes):
    config = replace_field(RunConfig(), "model.hidden", hidden)
    for name, value in changes.items():
        config = replace_field(config, name.replace("__", "."), value)
    return prepare(config).engine().network


@settings(max_examples=20)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.integers(0, 9))
def test_the_pages_hold_every_unit_once_and_the_first_those_of_the_largest_outgoing_weights(hidden, page):
    network = network_of(tuple(hidden))
    for layer, size in enumerate(hidden):
        pages = range(-(-size // diagram.MOST))
        shown = [diagram.columns(network, [p] * len(hidden))[layer + 1].units for p in pages]
        assert sorted(unit for units in shown for unit in units) == list(range(size))
        assert all(list(units) == sorted(units) for units in shown)
        norms = network.W[layer + 1][:, :-1].norm(dim=0)
        for one, next in pairwise(shown):
            assert norms[list(one)].min() >= norms[list(next)].max()
        beyond = diagram.columns(network, [len(pages) + page] * len(hidden))[layer + 1]
        assert beyond == diagram.Column(size, shown[-1])
    ends = diagram.columns(network)[0], diagram.columns(network)[-1]
    assert ends == (diagram.Column(2, (0, 1)), diagram.Column(3, (0, 1, 2)))


@pytest.mark.parametrize("theme", ["light", "dark"])
@settings(max_examples=15)
@given(config=configs(cheap=True, only={"training.lr": st.floats(1e-4, 0.1)}))
def test_every_map_is_its_units_output_over_the_plane(theme, config):
    run = Run(config)
    run.advance(3)
    network, half, names = run.engine.network, 1.3, config.data.features
    columns = diagram.columns(network)
    picture = diagram.picture(network, columns, half=half, names=names, theme=theme)

    steps = (np.arange(diagram.CELLS) + 0.5) / diagram.CELLS * 2 * half - half
    plane = torch.tensor([[x1, x2] for x2 in steps[::-1] for x1 in steps], dtype=torch.float32)  # the top row first
    X = features.expand(plane, names)
    values = [X, *(output.a.t() for output in network.outputs(with_ones(X)))]
    image = np.asarray(Image.open(io.BytesIO(picture.maps)).convert("RGB")).astype(int)
    count = sum(len(column.units) for column in columns)
    assert image.shape == (diagram.CELLS, diagram.CELLS * count, 3)
    palette = np.frombuffer(diverging_palette(theme), np.uint8).reshape(256, 3)
    shades = palette[np.linspace(0, 255, diagram.LEVELS).round().astype(int)].astype(int)
    at = 0
    for column, value, scale in zip(columns, values, picture.scales, strict=True):
        assert scale == pytest.approx(float(value[:, list(column.units)].abs().max()), rel=1e-4, abs=1e-6)
        for unit in column.units:
            map = image[:, at * diagram.CELLS : (at + 1) * diagram.CELLS]
            level = value[:, unit].reshape(diagram.CELLS, diagram.CELLS).numpy() / (scale or 1) * 7 + 7
            sure = np.abs(level - np.round(level)) < 0.49  # a value half-way between two shades may fall on either
            expected = shades[np.round(level).astype(int)]
            assert (map == expected).all(axis=2)[sure].all()
            at += 1


def test_the_message_holds_the_weights_between_the_shown_units() -> None:
    network = network_of((20, 4))
    columns = diagram.columns(network)
    picture = diagram.picture(network, columns, half=1.0, names=("x1", "x2"), theme="light")
    flat = np.frombuffer(base64.b64decode(str(picture.message()["weights"])), "<f2")
    at = 0
    for w, before, after in zip(network.W, columns, columns[1:], strict=False):
        for unit in after.units:
            expected = [float(w[unit, source]) for source in (*before.units, -1)]
            assert flat[at : at + len(expected)] == pytest.approx(expected, rel=1e-3, abs=1e-4)
            at += len(expected)
    assert at == len(flat)


def test_weights_that_overflow_are_drawn_and_sent() -> None:
    network = network_of((4,))
    network.theta.fill_(torch.inf)
    picture = diagram.picture(network, diagram.columns(network), half=1.0, names=("x1", "x2"), theme="light")
    assert Image.open(io.BytesIO(picture.maps)).width == 9 * diagram.CELLS


def test_a_picture_is_small_enough_for_every_frame() -> None:
    """The goal is a frame of 12 kB for the network, of the largest that is drawn whole."""
    run = Run(replace_field(RunConfig(), "model.hidden", (12,) * 6))
    run.advance(100)
    network = run.engine.network
    picture = diagram.picture(network, diagram.columns(network), half=1.1, names=("x1", "x2"), theme="light")
    assert sum(map(len, map(str, picture.message().values()))) < 12_000
