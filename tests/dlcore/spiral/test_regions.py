"""The picture of the decision regions, pixel by pixel: interpolated predictions, boundary line, points."""

import base64
import io
import math
from itertools import combinations, pairwise

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from dlcore.drawing import image, markers
from dlcore.drawing.palette import BACKGROUND, CLASS_COLOURS, INK, SHADES, diverging_palette, region_palette
from dlcore.network.settings import ACTIVATIONS
from dlcore.spiral import regions
from dlcore.spiral.config import RunConfig, replace_field
from dlcore.spiral.data import Dataset
from dlcore.spiral.regions import Points
from dlcore.spiral.training import Run

FEATURE = {
    "x1": lambda x1, x2: x1,
    "x2": lambda x1, x2: x2,
    "x1_squared": lambda x1, x2: x1 * x1,
    "x2_squared": lambda x1, x2: x2 * x2,
    "x1x2": lambda x1, x2: x1 * x2,
    "sin_x1": lambda x1, x2: math.sin(x1),
    "sin_x2": lambda x1, x2: math.sin(x2),
}

# (settings that differ from the defaults), theme, hard
PICTURES = {
    "spiral": ({}, "light", False),
    "spiral, dark": ({"training.optimizer": "sgd", "training.lr": 1.0}, "dark", False),
    "spiral, hard": ({"model.hidden": (8, 8), "model.activation": "tanh"}, "light", True),
    "ring of five": ({"data.kind": "ring", "data.classes": 5, "data.features": tuple(FEATURE)}, "light", False),
    "eight clouds": ({"data.kind": "gaussians", "data.classes": 8, "model.embedding": True}, "dark", False),
    "two clouds, linear": ({"data.kind": "gaussians", "data.classes": 2, "model.hidden": ()}, "light", False),
    "circles": ({"data.kind": "circles", "data.features": ("x2_squared", "x1_squared")}, "light", False),
    "xor, hard": ({"data.kind": "xor", "data.features": ("x1x2",)}, "dark", True),
    "moons": ({"data.kind": "moons", "data.features": ("x1", "x2", "sin_x1"), "data.noise": 0.9}, "light", False),
    "dropout": ({"training.dropout": 0.5, "data.classes": 4}, "light", False),
}
SIZE, FACTOR = 24, 3


def trained(changes) -> Run:
    config = RunConfig()
    for name, value in {"data.points": 60, "model.hidden": (12,), "training.lr": 0.05, **changes}.items():
        config = replace_field(config, name, value)
    run = Run(config)
    run.advance(25)
    return run


def sequential(run: Run) -> nn.Sequential:
    """Return the run's network as an ``nn.Sequential`` written by hand, with the run's weights."""
    model = run.config.model
    widths = [len(run.config.data.features), *model.hidden]
    name, arguments = ACTIVATIONS[model.activation]
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(widths):
        layers += [nn.Linear(n_in, n_out), getattr(nn, name)(*arguments)]
    if model.embedding:
        layers.append(nn.Linear(widths[-1], 2))
    layers.append(nn.Linear(2 if model.embedding else widths[-1], run.prepared.train.n_classes))
    weights = list(run.engine.state_dict().values())
    network = nn.Sequential(*layers)
    with torch.no_grad():
        for parameter, value in zip(network.parameters(), weights, strict=True):
            parameter.copy_(value)
    return network.eval()


def mixed(a, b, share: float) -> tuple[int, ...]:
    return tuple(round(x + (y - x) * share) for x, y in zip(a, b, strict=True))


def decoded(png: bytes) -> np.ndarray:
    """Return the colours of an image, (rows, columns, 3)."""
    return np.array(Image.open(io.BytesIO(png)).convert("RGB"))


def blank(pixels: int) -> np.ndarray:
    return np.zeros((pixels, pixels), dtype=np.uint8)


def colours(indices: np.ndarray, theme="light") -> np.ndarray:
    return decoded(image.png(indices, region_palette(theme)))


def dataset(*points: tuple[float, float, int]) -> Dataset:
    X = torch.tensor([[x1, x2] for x1, x2, _ in points], dtype=torch.float32).reshape(-1, 2)
    return Dataset(X, torch.tensor([label for *_, label in points], dtype=torch.long), 8)


# --- the whole picture against the network ---------------------------------------------------------------------------
def interpolated(at_centres: np.ndarray, factor: int) -> np.ndarray:
    """Return values (n, n, classes) at the cells' centres as those at the pixels: along each side linear between two
    centres, constant beyond the outermost."""
    n = len(at_centres)
    place = np.clip((np.arange(n * factor) + 0.5) / factor - 0.5, 0, n - 1)  # in cells, from the first centre
    before = np.minimum(place.astype(int), n - 2)
    share = (place - before)[:, None, None]

    def along_rows(values: np.ndarray) -> np.ndarray:
        return (1 - share) * values[before] + share * values[before + 1]

    return along_rows(along_rows(at_centres).swapaxes(0, 1)).swapaxes(0, 1)


@pytest.mark.parametrize(("changes", "theme", "hard"), PICTURES.values(), ids=PICTURES)
def test_every_pixel_shows_the_prediction_between_the_centres_of_its_cells(changes, theme, hard):
    run = trained(changes)
    names = run.config.data.features
    half = regions.limit(run.prepared.train)
    shown = decoded(
        regions.region(run.engine, half=half, names=names, size=SIZE, factor=FACTOR, theme=theme, hard=hard)
    )
    assert shown.shape == (SIZE * FACTOR, SIZE * FACTOR, 3)

    network, cell = sequential(run), 2 * half / SIZE
    at_centres = np.zeros((SIZE, SIZE, run.prepared.train.n_classes))
    for row in range(SIZE):  # from the top: x2 falls
        for column in range(SIZE):
            x1, x2 = -half + (column + 0.5) * cell, half - (row + 0.5) * cell
            with torch.no_grad():
                at_centres[row, column] = network(torch.tensor([[FEATURE[name](x1, x2) for name in names]]))[0]
    logits = interpolated(at_centres, FACTOR)
    p = np.exp(logits - logits.max(-1, keepdims=True))
    p = (p / p.sum(-1, keepdims=True)).max(-1)
    level = (p - 1 / logits.shape[-1]) / (1 - 1 / logits.shape[-1]) * (SHADES - 1)
    labels = logits.argmax(-1)
    shades = np.full(level.shape, SHADES - 1) if hard else np.round(level).astype(int)
    first, second = np.sort(logits, -1)[..., :-3:-1].transpose(2, 0, 1)
    sure = first - second > 1e-4  # neither the class nor the shade hangs on the last digits
    if not hard:
        sure &= np.abs(level % 1 - 0.5) > 1e-3

    checked = lines = 0
    end = SIZE * FACTOR - 1
    for row in range(end + 1):
        for column in range(end + 1):
            right, below = (row, min(column + 1, end)), (min(row + 1, end), column)
            if not (sure[row, column] and sure[right] and sure[below]):
                continue
            label = labels[row, column]
            if labels[right] != label or labels[below] != label:
                expected, lines = INK[theme], lines + 1
            else:
                share = 0.10 + 0.52 * shades[row, column] / (SHADES - 1)
                expected = mixed(BACKGROUND[theme], CLASS_COLOURS[label], share)
            assert tuple(shown[row, column]) == expected, (row, column)
            checked += 1
    assert checked > 0.9 * shown[..., 0].size
    assert lines, "no boundary was checked"


def test_a_boundary_is_no_staircase_of_cells():
    """Two logits that are linear in the plane: the boundary is a straight line, however large the cells."""

    class Linear:
        def logits(self, X):
            return torch.stack((X[:, 0], 0.3 * X[:, 1]), 1)

    size, factor = 12, 6
    inputs = regions.grid(1.0, size, ("x1", "x2"))
    labels = regions.shade(regions.pixel_logits(Linear(), inputs, size, factor), hard=True) // SHADES
    pixels = size * factor
    x = (np.arange(pixels) + 0.5) * 2 / pixels - 1
    inner = slice(factor // 2, -(factor // 2))  # between the outermost centres
    expected = x[None, :] < 0.3 * -x[:, None]  # class 1, with x2 falling from the top
    distance = np.abs(x[None, :] + 0.3 * x[:, None])
    away = distance > 1e-5
    assert np.array_equal(labels[inner, inner][away[inner, inner]], expected[inner, inner][away[inner, inner]])


def test_the_grid_has_the_cells_centres_row_by_row_from_the_top():
    inputs = regions.grid(1.0, 4, ("x1", "x2"))
    at = [-0.75, -0.25, 0.25, 0.75]
    assert inputs.tolist() == [[x1, x2] for x2 in reversed(at) for x1 in at]
    assert regions.grid(2.0, 2, ("x1x2", "x1")).tolist() == [[-1, -1], [1, 1], [1, -1], [-1, 1]]


def test_without_pixels_between_them_the_cells_have_the_networks_logits():
    run = trained({})
    inputs = regions.grid(1.0, 5, ("x1", "x2"))
    logits = regions.pixel_logits(run.engine, inputs, 5)
    assert torch.equal(logits, run.engine.logits(inputs).t().reshape(3, 5, 5))


# --- shades ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("n_classes", [2, 3, 8])
def test_shades_grow_with_the_probability_of_the_predicted_class(n_classes):
    def shade(top: float, label: int, **options) -> int:
        p = np.full((n_classes, 1), (1 - top) / (n_classes - 1), np.float32)
        p[label] = top
        return int(regions.shade(torch.tensor(p).log()[..., None], **options)[0, 0])

    floor = 1 / n_classes
    for label in range(n_classes):
        assert shade(1.0, label) == label * SHADES + 15
        assert shade(floor + 1e-3, label) == label * SHADES
        assert shade((1 + floor) / 2 + 1e-3, label) == label * SHADES + 8
        assert shade(floor + 1e-3, label, hard=True) == label * SHADES + 15


def test_nan_has_the_palest_shade():
    assert regions.shade(torch.full((3, 1, 1), math.nan))[0, 0] % SHADES == 0


def test_the_shades_of_a_class_lead_from_the_background_to_its_colour():
    for theme, ground in BACKGROUND.items():
        triples = np.frombuffer(region_palette(theme), np.uint8).reshape(-1, 3).astype(int)
        for label, colour in enumerate(CLASS_COLOURS):
            shades = triples[label * SHADES : (label + 1) * SHADES]
            towards = [np.abs(shade - colour).sum() for shade in shades]
            assert towards == sorted(towards, reverse=True)
            assert tuple(shades[0]) == mixed(ground, colour, 0.10)
            assert tuple(shades[-1]) == mixed(ground, colour, 0.62)


def test_no_two_classes_look_alike():
    for one, other in combinations(CLASS_COLOURS, 2):
        assert math.dist(one, other) > 60


# --- the boundary ----------------------------------------------------------------------------------------------------
def test_the_boundary_is_left_of_and_above_a_change_of_class():
    a, b, other_shade = 0 * SHADES + 3, 2 * SHADES + 9, 0 * SHADES + 11
    indices = np.array(
        [
            [a, other_shade, b, b],
            [a, a, b, b],
            [b, b, b, a],
        ],
        dtype=np.uint8,
    )
    regions.draw_boundary(indices)
    line = regions.BOUNDARY
    assert indices.tolist() == [
        [a, line, b, b],
        [line, line, b, line],
        [b, b, line, a],
    ]
    assert tuple(colours(indices)[1, 0]) == INK["light"]
    assert tuple(colours(indices, "dark")[1, 0]) == INK["dark"]


def test_a_cell_becomes_a_square_of_pixels():
    indices = np.array([[1, 2], [3, 4]], dtype=np.uint8)
    assert image.enlarge(indices, 1).tolist() == indices.tolist()
    assert image.enlarge(indices, 2).tolist() == [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]


# --- the points ------------------------------------------------------------------------------------------------------
PIXELS = 200  # of a side of 2: 100 a unit


def painted(train: Dataset, test: Dataset, pixels: int = PIXELS) -> np.ndarray:
    indices = blank(pixels)
    Points(train, test, half=1.0, pixels=pixels).paint(indices)
    return indices


def distances(row: float, column: float, pixels: int = PIXELS) -> np.ndarray:
    """Return the distance of every pixel of an image from one of them."""
    y, x = np.mgrid[:pixels, :pixels]
    return np.hypot(y - row, x - column)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("x1", "x2", "row", "column"), [(-0.5, 0.75, 25, 50), (0.5, 0.75, 25, 150), (0, -0.25, 125, 100)]
)
def test_a_point_of_the_first_class_is_a_disc_with_an_outline(theme, x1, x2, row, column):
    point, nothing, away = dataset((x1, x2, 0)), dataset(), distances(row, column)
    for train, test, rim in ((point, nothing, BACKGROUND[theme]), (nothing, point, INK[theme])):
        expected = colours(blank(PIXELS), theme)
        expected[away <= 3.2] = rim
        expected[away <= 2.2] = mixed(CLASS_COLOURS[0], INK[theme], 0.15)
        assert np.array_equal(colours(painted(train, test), theme), expected)


# The corners of each class's marker in units of the radius of a disc of the same area, to the right and down.
def turned(corners, degrees: float):
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [(c * x - s * y, s * x + c * y) for x, y in corners]


SQUARE = [(a * math.sqrt(math.pi) / 2, b * math.sqrt(math.pi) / 2) for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1))]
LONG = 2 * math.sqrt(math.pi / 3 / math.sqrt(3))  # from the centre of a triangle to a corner
UP = turned([(0, -LONG)], 0) + turned([(0, -LONG)], 120) + turned([(0, -LONG)], 240)
ARM = math.sqrt(math.pi / 5) / 2  # half the width of an arm of the cross
QUARTER = [(3 * ARM, ARM), (ARM, ARM), (ARM, 3 * ARM)]
CROSS = [corner for turn in range(4) for corner in turned(QUARTER, 90 * turn)]
CORNERS = {
    1: SQUARE,
    2: UP,
    3: turned(SQUARE, 45),
    4: CROSS,
    5: turned(UP, 180),
    6: turned(UP, 90),
    7: turned(UP, -90),
}


@pytest.mark.parametrize("label", CORNERS)
def test_the_marker_of_each_class_has_its_corners(label):
    """Far larger than ever drawn; a pixel on the border may belong to either side."""
    pixels = 2000
    shown = painted(dataset((0.0, 0.0, label)), dataset(), pixels) == regions.POINT + label
    radius = 0.011 * pixels
    y, x = (a - pixels / 2 for a in np.mgrid[:pixels, :pixels])
    inside, near = np.zeros_like(shown), np.zeros_like(shown)
    corners = [(radius * a, radius * b) for a, b in CORNERS[label]]
    for (ax, ay), (bx, by) in pairwise([*corners, corners[0]]):
        crosses = ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / ((by - ay) or 1e-9) + ax)
        inside ^= crosses
        t = np.clip(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2), 0, 1)
        near |= np.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)) < 0.3
    assert np.array_equal(shown | near, inside | near)


@pytest.mark.parametrize("radius", [2.5, 3.3, 8])
def test_no_two_markers_look_alike_and_all_weigh_the_same(radius):
    dy, dx = (a.flatten() for a in np.mgrid[-20:21, -20:21])
    masks = markers.distances(dx, dy, radius) <= radius
    assert len(masks) == len(CLASS_COLOURS)
    for one, other in combinations(masks, 2):
        assert (one & other).sum() < 0.95 * (one | other).sum()
    if radius > 5:
        assert masks.sum(1) == pytest.approx(math.pi * radius**2, rel=0.15)


def test_a_later_point_lies_on_an_earlier_one_and_test_points_on_top():
    both = painted(dataset((0.0, 0.0, 1), (0.03, 0.0, 2)), dataset())
    assert (both[100, 100], both[100, 103]) == (regions.OUTLINE, regions.POINT + 2), "rims cover too"
    tested = painted(dataset((0.0, 0.0, 1)), dataset((0.0, 0.0, 1)))
    assert tested[100, 100] == regions.POINT + 1
    assert regions.OUTLINE not in tested
    assert (tested == regions.TEST_OUTLINE).any()


def test_a_point_at_the_edge_is_cut_and_does_not_wrap_around():
    for x1, x2, row, column in ((1.0, 0.0, 100, 200), (-1.0, 0.5, 50, 0), (0.0, 1.0, 0, 100), (0.25, -1.0, 200, 125)):
        away = distances(row, column)
        indices = painted(dataset((x1, x2, 0)), dataset())
        assert np.array_equal(indices != 0, away <= 3.2)


def test_many_points_are_small_and_have_no_outline():
    few, many = (
        painted(dataset(*[(0.0, 0.0, 0)] * 150), dataset()),
        painted(dataset(*[(0.0, 0.0, 0)] * 1500), dataset()),
    )
    assert (few == regions.POINT).sum() == (distances(100, 100) <= 2.2).sum()
    assert (many == regions.POINT).sum() == (distances(100, 100) <= 2.2 * 0.1**0.4).sum()
    assert regions.OUTLINE not in many


@pytest.mark.parametrize("n", [1, 400, 5000])
def test_a_point_is_never_smaller_than_a_few_thousandths_of_the_picture(n):
    shown = painted(dataset(*[(0.0, 0.0, 0)] * n), dataset(), 1000)
    radius = {1: 11.0, 400: 11.0 * (150 / 400) ** 0.4, 5000: 3.5}[n]
    assert (shown == regions.POINT).sum() == (distances(500, 500, 1000) <= radius).sum()


def test_every_point_is_drawn_at_its_coordinates():
    run = trained({"data.points": 20, "data.test_share": 0.5})
    train, test, half, pixels = run.prepared.train, run.prepared.test, regions.limit(run.prepared.train), 900
    png = regions.region(
        run.engine,
        half=half,
        names=("x1", "x2"),
        size=90,
        factor=10,
        points=Points(train, test, half=half, pixels=pixels),
    )
    shown = decoded(png)
    assert shown.shape == (pixels, pixels, 3)
    X, y = torch.cat([train.X, test.X]), torch.cat([train.y, test.y])
    alone = [n for n in range(len(y)) if (torch.cdist(X[n : n + 1], X)[0] * pixels / (2 * half) < 26).sum() == 1]
    assert len(alone) > 30
    for n in alone:
        row, column = (half - float(X[n, 1])) * pixels / (2 * half), (float(X[n, 0]) + half) * pixels / (2 * half)
        assert tuple(shown[int(row), int(column)]) == mixed(CLASS_COLOURS[y[n]], INK["light"], 0.15)
        rim = BACKGROUND["light"] if n < len(train.y) else INK["light"]
        disc = colours(np.full((1, 1), regions.POINT + int(y[n]), np.uint8))[0, 0]
        around = shown[int(row) - 14 : int(row) + 15, int(column) - 14 : int(column) + 15]
        of_class = (around == disc).all(-1)
        assert abs(of_class.sum() - math.pi * 9.9**2) < 40
        assert (around == rim).all(-1).sum() > 40


def test_without_points_nothing_is_painted():
    assert not painted(dataset(), dataset()).any()


# --- the square that is drawn ----------------------------------------------------------------------------------------
def test_the_square_holds_all_points_with_a_margin():
    assert regions.limit(dataset()) == 1.1
    assert regions.limit(dataset((0.1, 0.2, 0))) == 1.1, "never smaller than the unit square's"
    assert regions.limit(dataset((0.0, -2.0, 0), (1.5, 0.0, 1))) == pytest.approx(2.2)  # 2.16, up to a tenth
    assert regions.limit(dataset((-3.0, 0.5, 0))) == pytest.approx(3.3)  # 3.24


@pytest.mark.parametrize("half", [0.3, 1.0, 1.1, 1.5, 2.2, 4.9, 5.0, 37.0, 1e5])
def test_ticks_are_round_and_within(half):
    ticks = regions.ticks(half)
    assert 5 <= len(ticks) <= 9
    assert ticks == [-tick for tick in reversed(ticks)]
    step = ticks[1] - ticks[0]
    assert ticks[-1] <= half < ticks[-1] + step * (1 + 1e-9)
    assert f"{step:.0e}"[0] in "125"


# --- unit maps -------------------------------------------------------------------------------------------------------
def test_unit_maps_are_laid_out_in_reading_order_each_on_its_own_scale():
    units = torch.tensor(
        [
            [1.0, 0.5, 0.0, -1.0],
            [200.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0],
        ]
    )
    sheet = Image.open(io.BytesIO(image.unit_maps(units, 2, columns=2, theme="dark", factor=3, gap=1)))
    assert sheet.size == (13, 13)
    assert bytes(sheet.getpalette()) == diverging_palette("dark")
    levels = np.array(sheet)
    assert (levels[:3, :3] == 255).all()
    assert (levels[:3, 3:6] == 191).all()
    assert (levels[3:6, :3] == 128).all()
    assert (levels[3:6, 3:6] == 1).all()
    assert (levels[:3, 7:10] == 255).all(), "the second on a scale of its own"
    assert (levels[7:, :6] == 128).all(), "a unit that is silent"
    assert (levels[:, 6] == 128).all()
    assert (levels[6] == 128).all()
    assert (levels[7:, 7:] == 128).all(), "nobody's place"


def test_unit_maps_of_nan_are_neutral():
    sheet = Image.open(io.BytesIO(image.unit_maps(torch.full((1, 4), math.nan), 2, columns=1)))
    assert (np.array(sheet) == 128).all()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_unit_maps_lead_from_orange_over_the_background_to_blue(theme):
    triples = [tuple(rgb) for rgb in np.frombuffer(diverging_palette(theme), np.uint8).reshape(-1, 3).tolist()]
    assert (triples[0], triples[-1]) == (CLASS_COLOURS[1], CLASS_COLOURS[0])
    assert max(abs(a - b) for a, b in zip(triples[128], BACKGROUND[theme], strict=True)) <= 1
    assert triples[64] == mixed(CLASS_COLOURS[1], BACKGROUND[theme], 64 / 127.5)


# --- the file --------------------------------------------------------------------------------------------------------
def test_a_picture_is_a_small_indexed_png():
    indices = np.arange(256, dtype=np.uint8).reshape(16, 16) % (regions.TEST_OUTLINE + 1)
    png = image.png(indices, region_palette("light"))
    shown = Image.open(io.BytesIO(png))
    assert (shown.format, shown.mode) == ("PNG", "P")
    assert np.array_equal(np.array(shown), indices)
    head, _, code = image.data_url(png).partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(code) == png
