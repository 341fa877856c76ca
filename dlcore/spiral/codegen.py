"""A run as a script: plain PyTorch that a student can read, run without the app and hand in.

:func:`script` writes only what its config needs: no batches where the batch is full, no split where nothing is kept
back. The script draws from one stream in the app's order (data, weights, then shuffles and masks) and therefore prints
the app's numbers; given an :class:`~dlcore.spiral.expectation.Expected`, it checks that it does and says how nearly.

>>> print(*script(RunConfig()).splitlines()[20:23], sep="\\n")
torch.manual_seed(SEED)
<BLANKLINE>
# Data: class c is an arm of a spiral; the noise is on the angle
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from dlcore.network import settings as rules
from dlcore.network.optimizers import milestones
from dlcore.network.settings import ACTIVATIONS, EMBEDDING_UNITS, FULL_BATCH
from dlcore.spiral.codegen_text import CSV, LABELS, LANGUAGES, NOISE_ON_ANGLE, SHAPES, WORDS, init_call
from dlcore.spiral.config import RunConfig, check, n_test_samples
from dlcore.spiral.expectation import FACTOR, TOLERANCE, Expected
from dlcore.spiral.features import EXPRESSIONS
from dlcore.spiral.table import Table

WIDTH: Final = 100  # of a line of the script

_OPTIMIZERS: Final[Mapping[str, str]] = {
    "sgd": "SGD",
    "momentum": "SGD",
    "nesterov": "SGD",
    "adagrad": "Adagrad",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
}
_SCHEDULES: Final[Mapping[str, str]] = {
    "step": "MultiStepLR(optimizer, milestones={milestones}, gamma={gamma})",
    "cosine": "CosineAnnealingLR(optimizer, T_max=EPOCHS)",
    "exponential": "ExponentialLR(optimizer, gamma={end} ** (1 / EPOCHS))",
}


def script(
    config: RunConfig,
    table: Table | None = None,
    *,
    expected: Expected | None = None,
    weights_file: bool = True,
    language: str = "en",
) -> str:
    """A PyTorch script that repeats the run.

    Parameters
    ----------
    table : of a ``csv`` run. The script reads the file that its command line names, scaled as the table is.
    expected : what the script must print to exit with 0; without it, it checks nothing. Neither does a script with
        dropout on a GPU, which draws its masks there.
    weights_file : whether the script takes ``--weights FILE``.
    language : of the comments, one of ``LANGUAGES``.

    Raises
    ------
    ConfigError : if the config breaks its rules.
    ValueError : if the data are a CSV's and there is no table, or for another language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, got {language!r}")
    if config.data.kind != "csv":
        table = None
        check(config)
    elif table is None:
        raise ValueError("data.kind is csv, which needs a table, got none")
    else:
        check(config, n_samples=len(table.dataset.y), n_classes=table.dataset.n_classes)
    writer = _Script(config, table, language, weights_file)
    blocks = [writer.constants(), writer.data(), writer.split(), writer.model(), writer.report()]
    blocks += [writer.weights(), writer.training(), writer.check(expected)]
    body = "\n\n".join(block for block in blocks if block)
    return f"{writer.head(body)}\n\n{body}\n"


class _Script:
    """The blocks of one script, each as text without blank lines around it; "" where the run does not need it."""

    def __init__(self, config: RunConfig, table: Table | None, language: str, weights_file: bool) -> None:
        self.config, self.table, self.weights_file = config, table, weights_file
        self.language = LANGUAGES.index(language)
        self.n_classes = config.data.n_classes if table is None else table.dataset.n_classes
        n_samples = config.data.n_samples if table is None else len(table.dataset.y)
        self.tests = n_test_samples(config.data, n_samples) > 0
        self.on_gpu = config.device != "cpu"
        self.X, self.y = ("X_train", "y_train") if self.tests else ("X", "y")
        hidden = config.model.hidden + ((EMBEDDING_UNITS,) if config.model.embedding else ())
        self.widths = (len(config.data.features), *hidden, self.n_classes)

    def say(self, key: str, **values: object) -> str:
        return WORDS[key][self.language].format_map(values)

    def head(self, body: str) -> str:
        kind = self.say(f"kind_{self.config.data.kind}", n=self.n_classes)
        title = self.say("title", widths=" → ".join(map(str, self.widths)), data=kind)
        usage = self.say("usage" if self.weights_file else "usage_plain", csv=" data.csv" if self.table else "")
        imports = [f"import {name}" for name in ("csv", "math", "sys") if f"{name}." in body]
        lines = [f'"""{title}', "", self.say("made"), usage, '"""', "", *imports, ""]
        return "\n".join([*lines[: None if imports else -1], "import torch", "from torch import nn"])

    def constants(self) -> str:
        data, training = self.config.data, self.config.training
        angle = data.kind in NOISE_ON_ANGLE
        rows: list[tuple[bool, str, object, str]] = [
            (True, "SEED", data.seed, "seed_csv" if self.table else "seed"),
            (self.table is None, "CLASSES", self.n_classes, ""),
            (self.table is None, "POINTS", data.points, "points"),
            (self.table is None, "NOISE", data.noise, "noise_angle" if angle else "noise_half"),
            (self.tests, "TEST_SHARE", data.test_share, "test_share"),
            (training.dropout > 0, "DROPOUT", training.dropout, "dropout"),
            (True, "EPOCHS", training.epochs, ""),
            (training.batch != FULL_BATCH, "BATCH", training.batch, "batch"),
            (True, "LR", training.lr, "lr"),
            (training.optimizer in rules.USES_MOMENTUM, "MOMENTUM", training.momentum, "momentum"),
            (training.l1 > 0, "L1", training.l1, "l1"),
            (training.l2 > 0, "L2", training.l2, "l2"),
        ]
        lines = [
            f"{name} = {value!r}" + (f"  # {self.say(comment)}" if comment else "")
            for needed, name, value, comment in rows
            if needed
        ]
        if self.table:
            lines += self._table_constants(self.table)
        if self.on_gpu:
            lines += ["", f'device = torch.device("{self.config.device}")']
        return "\n".join([*lines, "torch.manual_seed(SEED)"])

    def _table_constants(self, table: Table) -> list[str]:
        numbers = _numbers(table.classes)
        classes = [repr(n) for n in numbers] if numbers else [_quoted(name) for name in table.classes]
        one_line = f"CLASSES = ({', '.join(classes)})  # {self.say('classes_csv')}"
        if len(one_line) <= WIDTH * 2 // 3:  # Chinese characters are two columns wide
            lines = [one_line]
        else:
            lines = [f"CLASSES = (  # {self.say('classes_csv')}", *(f"    {name}," for name in classes), ")"]
        return [*lines, f"CENTER = {table.center}  # {self.say('scaling')}", f"SCALE = {table.scale}"]

    def data(self) -> str:
        data = self.config.data
        lines = [f"# {self.say(f'data_{data.kind}')}"]
        if self.table:
            lines.append(self._read_csv(self.table))
        else:
            words = {key: self.say(key) for key in ("double", "turn")}
            lines += [SHAPES[data.kind].format_map(words), LABELS]
        if data.features != ("x1", "x2"):
            lines += ["", f"# {self.say('features', names=', '.join(data.features))}"]
            columns = [EXPRESSIONS[name] for name in data.features]
            lines.append(_call("X = torch.stack", [_call("", columns, tuple_=True), "1"]))
        if self.on_gpu and not self.tests:
            lines.append("X, y = X.to(device), y.to(device)")
        return "\n".join(lines)

    def _read_csv(self, table: Table) -> str:
        if _numbers(table.classes):
            columns, label = "first, second, label = 0, 1, 2", "float(row[label])"
        else:
            columns = (
                "label = next(c for c in (2, 1, 0) if all(row[c] in CLASSES for row in rows[1:]))\n"
                "first, second = (c for c in range(3) if c != label)"
            )
            label = "row[label]"
        words = {key: self.say(key) for key in ("encoding", "header", "sorted")}
        return CSV.format(columns=columns, label=label, **words)

    def split(self) -> str:
        if not self.tests:
            return ""
        to = ".to(device)" if self.on_gpu else ""
        return "\n".join(
            [
                f"# {self.say('split')}",
                "order = torch.randperm(len(y), generator=torch.Generator().manual_seed(SEED))",
                "n_test = round(TEST_SHARE * len(y))",
                f"X_train, y_train = X[order[n_test:]]{to}, y[order[n_test:]]{to}",
                f"X_test, y_test = X[order[:n_test]]{to}, y[order[:n_test]]{to}",
            ]
        )

    def model(self) -> str:
        model = self.config.model
        lines = self._network()
        if model.init != "default":
            lines += [
                f"for layer in model:  # {self.say('init')}",
                "    if isinstance(layer, nn.Linear):",
                f"        {init_call(model.init, 'layer.weight')}",
                "        nn.init.zeros_(layer.bias)",
            ]
        if model.draw > 1:
            head = f"for _ in range({model.draw}):  # {self.say('draw', k=model.draw)}"
            lines = [head, *(f"    {line}" for line in lines)]
        if self.on_gpu:
            lines.append("model.to(device)")
        lines += ["criterion = nn.CrossEntropyLoss()", *self._optimizer()]
        return "\n".join([f"# {self.say('model')}", *lines])

    def _network(self) -> list[str]:
        model = self.config.model
        name, arguments = ACTIVATIONS[model.activation]
        linears = [f"    nn.Linear({a}, {b})," for a, b in pairwise(self.widths)]
        lines = []
        for i, linear in enumerate(linears):
            lines.append(linear)
            if i < len(model.hidden):
                lines.append(f"    nn.{name}({', '.join(map(repr, arguments))}),")
                lines += ["    nn.Dropout(DROPOUT),"] if self.config.training.dropout else []
            elif i == len(model.hidden) and model.embedding:
                lines[-1] += f"  # {self.say('embedding')}"
        return ["model = nn.Sequential(", *lines, ")"]

    def _optimizer(self) -> list[str]:
        training = self.config.training
        arguments = ["model.parameters()", "lr=LR"]
        if training.optimizer in rules.USES_MOMENTUM:
            arguments.append("momentum=MOMENTUM")
        if training.optimizer == "nesterov" and training.momentum > 0:  # torch refuses it without momentum
            arguments.append("nesterov=True")
        if training.l2:
            arguments.append("weight_decay=L2")
        elif training.optimizer == "adamw":
            arguments.append("weight_decay=0.0")  # its own default is not
        lines = [_call(f"optimizer = torch.optim.{_OPTIMIZERS[training.optimizer]}", arguments)]
        if training.schedule != "constant":
            made = _SCHEDULES[training.schedule].format(
                milestones=milestones(training), gamma=rules.STEP_GAMMA, end=rules.EXPONENTIAL_END
            )
            lines.append(f"scheduler = torch.optim.lr_scheduler.{made}")
        return lines

    def report(self) -> str:
        parts = f'("TRAIN", {self.X}, {self.y})' + (', ("TEST", X_test, y_test)' if self.tests else "")
        return f"""
@torch.no_grad()
def report():
    model.eval()
    for name, inputs, labels in [{parts}]:
        logits = model(inputs)
        loss = criterion(logits, labels).item()
        accuracy = (logits.argmax(1) == labels).float().mean().item()
        print(f"[{{name}}]: [LOSS]: {{loss:.6f}}, [ACCURACY]: {{accuracy:.3f}}")
"""

    def weights(self) -> str:
        if not self.weights_file:
            return ""
        where = ", map_location=device" if self.on_gpu else ""
        return f"""\
if "--weights" in sys.argv:  # {self.say("weights")}
    model.load_state_dict(torch.load(sys.argv[-1], weights_only=True{where}))
    report()
    sys.exit()"""

    def training(self) -> str:
        training = self.config.training
        every = max(1, training.epochs // 20)
        step = ["optimizer.zero_grad()"]
        if training.l1:
            step.append("penalty = sum(p.abs().sum() for p in model.parameters())")
            step.append("(loss + L1 * penalty).backward()")
        else:
            step.append("loss.backward()")
        step.append("optimizer.step()")
        if training.batch == FULL_BATCH:
            body = [f"loss = criterion(model({self.X}), {self.y})", *step, "losses.append(loss.item())"]
        else:
            body = [
                "total = 0.0",
                f"for rows in torch.randperm(len({self.y})).split(BATCH):  # {self.say('order')}",
                f"    loss = criterion(model({self.X}[rows]), {self.y}[rows])",
                *(f"    {line}" for line in step),
                "    total += loss.item() * len(rows)",
                f"losses.append(total / len({self.y}))",
            ]
        if training.schedule != "constant":
            body.append("scheduler.step()")
        due = f"if epoch % {every} == 0 or epoch == EPOCHS - 1:" if every > 1 else ""
        show = 'print(f"[EPOCH]: {epoch}, [LOSS]: {losses[-1]:.6f}")'
        body += [due, f"    {show}"] if due else [show]
        head = [f"# {self.say('training')}"]
        if self.on_gpu and training.dropout:
            head.append(f"# {self.say('device_dropout')}")
        lines = [*head, "losses = []", "for epoch in range(EPOCHS):", *(f"    {line}" for line in body)]
        return "\n".join([*lines, "", f"report()  # {self.say('final')}"])

    def check(self, expected: Expected | None) -> str:
        if expected is None or (self.on_gpu and self.config.training.dropout):
            return ""
        fail = self.say("fail", epoch="{epoch}", own="{losses[epoch]}", app="{app}")
        first, end = self._check_first(expected, fail), self._check_end(expected, fail)
        if not (first or end):
            return f"# {self.say('incomparable')}"
        lines = [f"# {self.say('check')}", f"# ({self.say('check_first')})", *first, *end]
        return "\n".join([*lines, f'print("{self.say("agrees")}")'])

    def _check_first(self, expected: Expected, fail: str) -> list[str]:
        if not expected.losses:
            return []
        return [
            "# fmt: off",
            "EXPECTED = [",
            *_wrapped(expected.losses),
            "]",
            "# fmt: on",
            "for epoch, app in enumerate(EXPECTED):",
            f"    if not abs(losses[epoch] - app) <= {expected.first_tolerance!r} * max(1, app):",
            f'        sys.exit(f"{fail}")',
        ]

    def _check_end(self, expected: Expected, fail: str) -> list[str]:
        if expected.diverged_at is not None:
            return [
                f"# {self.say('diverged', epoch=expected.diverged_at)}",
                "if torch.tensor(losses).isfinite().all():",
                f'    sys.exit("{self.say("fail_diverged")}")',
            ]
        if expected.twin_distance is None:
            return []
        if expected.final_tolerance is None:
            return [f"# {self.say('chaotic', distance=expected.twin_distance)}"] if expected.losses else []
        reason = self.say("reason", distance=expected.twin_distance, factor=FACTOR, floor=TOLERANCE)
        return [
            *(f"# {line}" for line in reason.splitlines()),
            f"epoch, app = {expected.final_epoch}, {expected.final_loss!r}",
            f"if not abs(losses[epoch] - app) <= {expected.final_tolerance!r}:",
            f'    sys.exit(f"{fail}")',
        ]


def _call(function: str, arguments: list[str], *, tuple_: bool = False) -> str:
    """``function(arguments)``, one argument a line where a line would be too long."""
    one = f"{function}({', '.join(arguments)}{',' if tuple_ and len(arguments) == 1 else ''})"
    if len(one) <= WIDTH - (5 if tuple_ else 0) and "\n" not in one:  # a tuple comes to stand within a call
        return one
    inner = "\n".join(f"    {argument},".replace("\n", "\n    ") for argument in arguments)
    return f"{function}(\n{inner}\n)"


def _wrapped(losses: tuple[float, ...]) -> list[str]:
    """Lines of numbers, four each, in full precision."""
    return ["    " + " ".join(f"{loss!r}," for loss in losses[i : i + 4]) for i in range(0, len(losses), 4)]


def _numbers(classes: tuple[str, ...]) -> list[float]:
    """Return the classes as numbers if all of them were read as numbers, else nothing."""
    try:
        numbers = [float(name) for name in classes if "_" not in name]
    except ValueError:
        return []
    exact = len(numbers) == len(classes) and all(abs(number) < 2**53 for number in numbers)
    return numbers if exact else []


def _quoted(name: str) -> str:
    """A Python string literal, with the double quotes that formatters prefer."""
    text = repr(name)
    return text if '"' in text or "\\" in text else f'"{text[1:-1]}"'
