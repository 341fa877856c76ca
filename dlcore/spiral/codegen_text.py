"""What generated scripts are made of: their words in each language, and the code of each kind of data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from dlcore.network.settings import INIT_NORMAL_STD, INITS

LANGUAGES: Final = ("en", "zh")

# What the script says, in the reader's language. Braces are filled in; a key ending in a data set's id belongs to it.
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("A network {widths} on {data}.", "网络 {widths}，数据：{data}。"),
    "made": ("Made by the Deep Learning Playground.", "由“深度学习游乐场”生成。"),
    "usage": (
        "python script.py{csv} trains it; with --weights FILE it loads the app's weights instead.",
        "python script.py{csv} 从头训练；加上 --weights 文件 则改为载入应用中的权重。",
    ),
    "usage_plain": ("Run it with python script.py{csv}", "运行：python script.py{csv}"),
    "kind_spiral": ("a spiral of {n} classes", "{n} 类螺旋"),
    "kind_ring": ("a spiral with a hole, of {n} classes", "{n} 类中空螺旋"),
    "kind_circles": ("two circles", "两个同心圆"),
    "kind_xor": ("the XOR quadrants", "异或四象限"),
    "kind_gaussians": ("{n} Gaussian clouds", "{n} 个高斯簇"),
    "kind_moons": ("two half moons", "两个半月"),
    "kind_csv": ("your own table of {n} classes", "你自己的 {n} 类表格"),
    "seed": ("of the one stream: data, weights, shuffles, dropout", "同一随机流：数据、权重、打乱、暂退法"),
    "seed_csv": ("of weights, shuffles and dropout", "决定权重、打乱与暂退法"),
    "points": ("per class", "每类样本数"),
    "noise_angle": ("standard deviation of the angle, in radians", "角度的标准差（弧度）"),
    "noise_half": ("half of it is the standard deviation of both coordinates", "其一半是两个坐标的标准差"),
    "test_share": ("of all samples, kept back", "留作测试的样本比例"),
    "lr": ("learning rate", "学习率"),
    "momentum": ("share of the last step that goes on", "动量"),
    "batch": ("samples a step", "小批量大小"),
    "l1": ("weight of the sum of all |w|", "L1 惩罚的系数"),
    "l2": ("weight decay", "权重衰减"),
    "dropout": ("share of hidden units dropped", "暂退法丢弃隐藏单元的概率"),
    "classes_csv": ("y counts through them", "y 是它们的序号"),
    "scaling": ("scales each feature to -1 … 1, as in the app", "把每个特征缩放到 -1 … 1，与应用相同"),
    "data_spiral": (
        "Data: class c is an arm of a spiral; the noise is on the angle",
        "数据：第 c 类是一条螺旋臂，噪声加在角度上",
    ),
    "data_ring": (
        "Data: spiral arms from radius 0.2 to 1; the noise is on the angle",
        "数据：半径 0.2 到 1 的螺旋臂，噪声加在角度上",
    ),
    "data_circles": ("Data: a circle around a smaller one", "数据：大圆套小圆"),
    "data_xor": ("Data: class 1 where one coordinate is negative", "数据：恰有一个坐标为负的是第 1 类"),
    "data_gaussians": ("Data: a cloud for each class, the centres on a circle", "数据：每类一簇，中心在一个圆上"),
    "data_moons": ("Data: two interlocking half circles", "数据：两个交错的半圆"),
    "data_csv": ("Data: two columns of numbers and one of classes", "数据：两列数值，一列类别"),
    "encoding": ("or gb18030", "或 gb18030"),
    "header": ("names of the columns", "列名"),
    "double": ("as the course does: sine and cosine in double", "与课程相同：用双精度求正弦和余弦"),
    "turn": ("every other sample into the opposite quadrant", "每隔一个样本转到对面的象限"),
    "sorted": ("one class after the other", "按类别排列"),
    "features": ("The features that the network sees: {names}", "网络看到的特征：{names}"),
    "split": (
        "Split, by an order of its own: the share changes neither data nor weights",
        "划分用单独的随机数，比例不影响数据和权重",
    ),
    "model": ("Model: from features to logits", "模型：从特征到 logit"),
    "draw": ("the app shows the network drawn as number {k}", "应用中是第 {k} 次抽取的网络"),
    "embedding": ("two units, to draw them as a plane", "两个单元，可画成平面"),
    "init": ("over PyTorch's own", "覆盖 PyTorch 的默认初始值"),
    "device_dropout": (
        "A GPU draws its own dropout masks: the numbers differ from the app's",
        "GPU 上暂退法的掩码不同，因此结果与应用不同",
    ),
    "weights": ("Weights from the app, instead of training", "用应用中的权重，不再训练"),
    "training": ("Training: the printed loss is the one before the update", "训练：打印的是更新之前的损失"),
    "order": ("a new order each epoch", "每个周期重新打乱"),
    "final": ("After the last update, in evaluation mode", "最后一次更新之后，在评估模式下"),
    "check": (
        "Check: the same losses as in the app. Delete from here on, then change what you like",
        "检查：损失是否与应用一致。删去以下部分即可随意修改",
    ),
    "check_first": ("float32 sums in another order differ in the last digits", "float32 求和次序不同，末几位就不同"),
    "reason": (
        "Rounding: a twin of this run, its numbers off in the last digit, came to be {distance:.0e} away;\n"
        "{factor} times that is allowed, and at least {floor:.0e}",
        "舍入误差：把各数的末位改动后重新训练，损失相差至多 {distance:.0e}；\n容许其 {factor} 倍，且不小于 {floor:.0e}",
    ),
    "chaotic": (
        "The end is not compared: rounding decides it (a twin run came to be {distance:.0e} away)",
        "不比较最后的损失：它取决于舍入误差（对照训练相差 {distance:.0e}）",
    ),
    "incomparable": (
        "Rounding decides how this run goes from its first epoch on: there is nothing to compare",
        "这次训练从第一个周期起就取决于舍入误差，没有可比较的数",
    ),
    "diverged": (
        "In the app the loss is no longer finite from epoch {epoch} on",
        "在应用中，损失从第 {epoch} 个周期起不再有限",
    ),
    "fail": ("epoch {epoch}: loss {own}, in the app {app}", "第 {epoch} 个周期：损失 {own}，应用中为 {app}"),
    "fail_diverged": ("the loss stays finite; in the app it does not", "损失始终有限，在应用中则不是"),
    "agrees": ("Agrees with the app.", "与应用一致。"),
}

NOISE_ON_ANGLE: Final = ("spiral", "ring")
SHAPES: Final[Mapping[str, str]] = {
    "spiral": """\
t = torch.linspace(0, 1, POINTS)
arms = []
for c in range(CLASSES):
    start, end = 2 * math.pi / CLASSES * c, 2 * math.pi / CLASSES * (c + 2)
    angle = torch.linspace(start, end, POINTS) + NOISE * torch.randn(POINTS)
    angle = angle.double()  # {double}
    arms.append(torch.stack((t * angle.sin().float(), t * angle.cos().float()), 1))
X = torch.cat(arms)""",
    "ring": """\
t = torch.linspace(0, 1, POINTS)
radius = 0.8 * t + 0.2
arms = []
for c in range(CLASSES):
    angle = (2 * t + c) * 2 * math.pi / CLASSES + NOISE * torch.randn(POINTS)
    arms.append(torch.stack((radius * angle.sin(), radius * angle.cos()), 1))
X = torch.cat(arms)""",
    "gaussians": """\
angle = 2 * math.pi / CLASSES * torch.arange(CLASSES)
centres = 0.7 * torch.stack((angle.sin(), angle.cos()), 1)
X = centres.repeat_interleave(POINTS, 0)
X = X + NOISE * 0.5 * torch.randn(X.shape)""",
    "circles": """\
angle = 2 * math.pi / POINTS * torch.arange(POINTS)
outer = torch.stack((angle.cos(), angle.sin()), 1)
X = torch.cat((outer, 0.5 * outer))
X = X + NOISE * 0.5 * torch.randn(X.shape)""",
    "moons": """\
angle = torch.linspace(0, math.pi, POINTS)
upper = torch.stack((angle.cos(), angle.sin()), 1)
lower = torch.stack((1 - angle.cos(), 0.5 - angle.sin()), 1)
X = (torch.cat((upper, lower)) - torch.tensor([0.5, 0.25])) / 1.5
X = X + NOISE * 0.5 * torch.randn(X.shape)""",
    "xor": """\
size = 0.05 + 0.95 * torch.rand(2, POINTS, 2)
turn = torch.ones(POINTS, 1)
turn[1::2] = -1  # {turn}
signs = torch.tensor([[[1.0, 1.0]], [[-1.0, 1.0]]])
X = (signs * turn * size).flatten(0, 1)
X = X + NOISE * 0.5 * torch.randn(X.shape)""",
}
LABELS: Final = "y = torch.arange(CLASSES).repeat_interleave(POINTS)"

CSV: Final = """\
with open(sys.argv[1], encoding="utf-8-sig", newline="") as file:  # {encoding}
    lines = file.readlines()
for separator in "\\t;,":
    rows = list(csv.reader(lines, delimiter=separator, skipinitialspace=True))
    rows = [[" ".join(cell.split()) for cell in row] for row in rows if "".join(row).strip()]
    if all(len(row) == 3 for row in rows):
        break
{columns}
try:
    float(rows[0][first]), float(rows[0][second])
except ValueError:
    del rows[0]  # {header}
raw = torch.tensor([[float(row[first]), float(row[second])] for row in rows], dtype=torch.float64)
y = torch.tensor([CLASSES.index({label}) for row in rows])
order = y.argsort(stable=True)  # {sorted}
X = ((raw - torch.tensor(CENTER, dtype=raw.dtype)) / torch.tensor(SCALE, dtype=raw.dtype)).float()
X, y = X[order], y[order]"""


def init_call(id: str, weight: str, *, std: float = INIT_NORMAL_STD, generator: str = "") -> str:
    """The line that draws ``weight`` anew as an init of ``INITS`` says, from the global stream or a generator.

    >>> init_call("kaiming_normal", "w", generator="g")
    'nn.init.kaiming_normal_(w, nonlinearity="relu", generator=g)'
    """
    name, arguments = INITS[id]
    given = {**arguments, "std": std} if "std" in arguments else arguments
    drawn = [f"generator={generator}"] if generator and id != "zeros" else []
    written = [f"{key}={json.dumps(value)}" for key, value in given.items()]  # with the quotes that ruff wants
    return f"nn.init.{name}({', '.join([weight, *written, *drawn])})"
