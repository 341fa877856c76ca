"""The exported script of a run: plain PyTorch that a student can read, run without the app and hand in.

:func:`script` renders those parts of ``templates/script.py`` that the config needs: no batches for a full batch, no
split without test samples. The script draws from one stream in the app's order (data, weights, then shuffles and masks)
and therefore prints the app's numbers; given an :class:`~dlcore.spiral.expectation.Expected`, it checks them.

>>> script(RunConfig()).splitlines()[0]
'\"""A network 2 → 100 → 3 on the data set spiral.'
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

from dlcore.network.programs import by_torch
from dlcore.network.schedules import milestones
from dlcore.network.settings import ACTIVATIONS, EMBEDDING_UNITS, EXPONENTIAL_END, INITS, STEP_GAMMA
from dlcore.programs.template import Code, arguments, read, render
from dlcore.spiral.config import DataConfig, RunConfig, check, n_test_samples, n_validation_samples, size
from dlcore.spiral.data import SHAPES
from dlcore.spiral.expectation import FLOOR, TOLERANCE, Expected
from dlcore.spiral.features import EXPRESSIONS
from dlcore.spiral.table import Table

LANGUAGES: Final = ("en", "zh")
TEMPLATE: Final = read(__file__, "script")

PLANE: Final = "# two units, to draw them as a plane"
_HEAD: Final[Mapping[str, str]] = {
    "en": """\"""A network {sizes} on the data set {data}.

Made by the Deep Learning Playground.
python script.py{csv} trains it; with --weights FILE it loads the app's weights instead.
\"""

""",
    "zh": """\"""网络 {sizes}，数据集：{data}。

由“深度学习游乐场”生成。
python script.py{csv} 从头训练；加上 --weights 文件 则改为载入应用中的权重。
\"""

""",
}
# The comments and messages of the template and of the shapes in dlcore.spiral.data, in Chinese.
CHINESE: Final[Mapping[str, str]] = {
    "# of the one random stream": "# 唯一的随机流",
    "# per class": "# 每类样本数",
    "# of all samples, kept back": "# 留作测试的样本比例",
    "# of the others, to choose by": "# 其余样本中用来做选择的比例",
    "# samples a step": "# 小批量大小",
    "# learning rate": "# 学习率",
    "# share of the last step that goes on": "# 动量",
    "# weight of the sum of all |w|": "# L1 惩罚的系数",
    "# weight decay": "# 权重衰减",
    "# share of hidden units dropped": "# 暂退法丢弃隐藏单元的概率",
    "# of the classes; y counts through them": "# 类别名，y 是它们的序号",
    "# Data: two columns of numbers and one of classes": "# 数据：两列数值，一列类别",
    "# or gb18030": "# 或 gb18030",
    "# names of the columns": "# 列名",
    "# one class after the other": "# 按类别排列",
    "# Each feature is scaled to -1 … 1, as in the app": "# 把每个特征缩放到 -1 … 1，与应用相同",
    "# Data: points drawn on the plane: x1, x2 and class": "# 数据：在平面上画的点：x1、x2 和类别",
    "# Data: points in the plane, one class after the other": "# 数据：平面上的点，按类别排列",
    "# Data: points in the plane and their targets, a column": "# 数据：平面上的点和它们的目标值（一列）",
    "# three hills and three hollows": "# 三座山丘和三个洼地",
    "# of the distances, (points, 6)": "# 到各中心的距离的平方，(points, 6)",
    "# standard deviation, of the target": "# 目标值噪声的标准差",
    "# From -1 … 2 and -0.5 … 1 to -1 … 1 and -0.5 … 0.5": "# 从 -1 … 2 和 -0.5 … 1 变到 -1 … 1 和 -0.5 … 0.5",
    "# every other sample into the opposite quadrant of its class": "# 每隔一个样本转到同类的对面象限",
    "# below, above": "# 曲线下方、上方",
    "# The features that the network sees": "# 网络看到的特征",
    "# Split, by an order of its own: the share changes neither data nor weights": "# 划分用单独的随机数，"
    "比例不影响数据和权重",
    "# nothing is kept back for a test": "# 不留测试样本",
    "# Model: from features to logits": "# 模型：从特征到 logit",
    "# Model: from features to one output, without an activation": "# 模型：从特征到一个输出，输出层没有激活函数",
    "# share of the variance explained": "# 能解释的方差比例",
    "# the app shows the last network of these": "# 应用中是最后抽取的网络",
    "# over PyTorch's own": "# 覆盖 PyTorch 的默认初始值",
    PLANE: "# 两个单元，可画成平面",
    "# weights from the app, instead of training": "# 用应用中的权重，不再训练",
    "# Training: the printed loss is the one before the update": "# 训练：打印的是更新之前的损失",
    "# A GPU draws its own dropout masks: the numbers differ from the app's": "# GPU 上暂退法的掩码不同，"
    "因此结果与应用不同",
    "# a new order each epoch": "# 每个周期重新打乱",
    "# after the last update, in evaluation mode": "# 最后一次更新之后，在评估模式下",
    "# Check: the same losses as the app, up to rounding. Delete from here on, then change what you like": "# 检查："
    "损失在舍入误差内是否与应用一致。删去以下部分即可随意修改",
    "# (rounding may decide the losses that are not compared)": "# （未比较的损失可能取决于舍入误差）",
    "# Rounding decides how this run goes: there is nothing to compare": "# 这次训练取决于舍入误差，没有可比较的数",
    "epoch {epoch}: loss {losses[epoch]}, in the app {app}": "第 {epoch} 个周期：损失 {losses[epoch]}，应用中为 {app}",
    "Agrees with the app.": "与应用一致。",
}


def script(
    config: RunConfig, table: Table | None = None, *, expected: Expected | None = None, language: str = "en"
) -> str:
    """Return a PyTorch script that repeats the run.

    Parameters
    ----------
    table : the table of a ``csv`` run. The script reads a file named on its command line and scales it as the table.
    expected : losses to compare with; the script exits with 1 if they differ. It compares nothing without them, nor
        with dropout on a GPU, where the masks are drawn by the GPU.
    language : language of the comments, one of ``LANGUAGES``.

    Raises
    ------
    ConfigError : if the config breaks its rules.
    ValueError : if the language is not one of ``LANGUAGES``.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, got {language!r}")
    check(config, table)
    if config.data.kind != "csv":
        table = None
    sizes = _layer_sizes(config, table)
    words = CHINESE if language == "zh" else {}
    plane = words.get(PLANE, PLANE)
    values = (
        _settings(config, table) | _data(config, table) | _network(config, sizes, plane) | _checked(config, expected)
    )
    head = _HEAD[language].format(
        sizes=" → ".join(map(str, sizes)), data=config.data.kind, csv=" data.csv" if table else ""
    )
    return head + render(TEMPLATE, values, words)


def _layer_sizes(config: RunConfig, table: Table | None) -> list[int]:
    embedding = [EMBEDDING_UNITS] if config.model.embedding else []
    return [len(config.data.features), *config.model.hidden, *embedding, size(config.data, table)[1]]


def _settings(config: RunConfig, table: Table | None) -> dict[str, Any]:
    data, training = config.data, config.training
    n_samples = size(data, table)[0]
    return {
        "SEED": data.seed,
        "TEST_SHARE": data.test_share if n_test_samples(data, n_samples) else 0.0,
        "VALIDATION_SHARE": data.validation_share if n_validation_samples(data, n_samples) else 0.0,
        "DROPOUT": training.dropout,
        "EPOCHS": training.epochs,
        "BATCH": training.batch_size,
        "LR": training.lr,
        "MOMENTUM": training.momentum,
        "L1": training.l1,
        "L2": training.l2,
        "_DEVICE": config.device,
        "_EVERY": max(1, training.epochs // 20),
    }


def _data(config: RunConfig, table: Table | None) -> dict[str, Any]:
    features = config.data.features
    values: dict[str, Any] = {
        "_REGRESSION": config.data.regression,
        "_FEATURES": [Code(EXPRESSIONS[name]) for name in features] if features != ("x1", "x2") else [],
    }
    if config.data.kind == "points":
        return {**values, "_CSV": False, "_DRAWN": True, "DRAWN": Code(f"[\n{_points(config.data)}]")}
    if table:
        numbers = _numbers(table.classes)
        return {
            **values,
            "_CSV": True,
            "_DRAWN": False,
            "_NUMBERED": bool(numbers),
            "NAMES": tuple(numbers) or table.written or table.classes,
            "CENTER": table.center,
            "SCALE": table.scale,
        }
    return {**values, **drawing(config.data), "_CSV": False, "_DRAWN": False}


def _points(data: DataConfig) -> str:
    items = [f"{point}," for point in data.own_points]
    return "".join(f"    {' '.join(items[i : i + 5])}\n" for i in range(0, len(items), 5))


def drawing(data: DataConfig) -> dict[str, Any]:
    """Return what a template needs to draw the points: the constants, the shape's function and its arguments."""
    shape = SHAPES[data.kind]
    names = [Code(name if name == "generator" else name.upper()) for name in inspect.signature(shape).parameters]
    constants = {"CLASSES": data.n_classes, "POINTS": data.points, "NOISE": data.noise}
    return {**constants, "_draw": shape, "_ARGUMENTS": names}


def _network(config: RunConfig, sizes: list[int], plane: str) -> dict[str, Any]:
    model, training = config.model, config.training
    activation, constants = ACTIVATIONS[model.activation]
    lines: list[str] = []
    for i, (inputs, outputs) in enumerate(pairwise(sizes)):
        lines.append(f"nn.Linear({inputs}, {outputs}),")
        if i < len(model.hidden):
            lines.append(f"nn.{activation}({arguments(constants)}),")
            lines += ["nn.Dropout(DROPOUT),"] if training.dropout else []
        elif i == len(model.hidden) and model.embedding:
            lines[-1] += f"  {plane}"
    init, options = INITS[model.init]
    names = {"lr": Code("LR"), "momentum": Code("MOMENTUM"), "weight_decay": Code("L2")}
    return {
        "_DRAW": model.draw,
        "model": Code("nn.Sequential(\n" + "".join(f"    {line}\n" for line in lines) + ")"),
        "_INIT": Code(f"nn.init.{init}") if init else None,
        "_INIT_OPTIONS": options,
        "optimizer": by_torch(training, names=names),
        "_SCHEDULE": training.schedule,
        "_MILESTONES": milestones(training),
        "_GAMMA": STEP_GAMMA,
        "_END": EXPONENTIAL_END,
    }


def _checked(config: RunConfig, expected: Expected | None) -> dict[str, Any]:
    if expected is None or (config.device != "cpu" and config.training.dropout):
        return {"_CHECK": False, "_CALM": True}
    items = [f"{epoch}: {loss:.7g}," for epoch, loss in expected.losses.items()]
    lines = [" ".join(items[i : i + 6]) for i in range(0, len(items), 6)]
    return {
        "_CHECK": bool(items),
        "_CALM": expected.calm,
        "EXPECTED": Code("{\n" + "".join(f"    {line}\n" for line in lines) + "}"),
        "_TOLERANCE": TOLERANCE,
        "_FLOOR": FLOOR,
    }


def _numbers(classes: tuple[str, ...]) -> list[float]:
    """Return the classes as numbers, as :func:`read_csv` reads them, or [] if not all are numbers."""
    try:
        numbers = [float(name) for name in classes if "_" not in name]
    except ValueError:
        return []
    exact = len(numbers) == len(classes) and all(abs(number) < 2**53 for number in numbers)
    return numbers if exact else []
