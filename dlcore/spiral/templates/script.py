"""The script of a run, as a template (see dlcore.programs.template). As it stands it trains a small spiral."""

import csv
import math
import sys

import torch
from torch import nn

_CSV, _NUMBERED, _DRAWN, _REGRESSION, _DEVICE = False, False, False, False, "cpu"
_FEATURES, _DRAW = (), 1
_INIT, _INIT_OPTIONS = None, {}
_SCHEDULE, _MILESTONES, _GAMMA, _END = "constant", (), 0.1, 0.01
_EVERY, _CHECK, _CALM, _TOLERANCE, _FLOOR = 1, True, True, 1e-4, 1e-6

SEED = 12345  # of the one random stream
CLASSES = 3
if _REGRESSION:
    POINTS = 20
    NOISE = 0.2  # standard deviation, of the target
else:
    POINTS = 20  # per class
    NOISE = 0.2
TEST_SHARE = 0.2  # of all samples, kept back
VALIDATION_SHARE = 0.0  # of the others, to choose by
DROPOUT = 0.0  # share of hidden units dropped
EPOCHS = 3
BATCH = 0  # samples a step
LR = 0.01  # learning rate
MOMENTUM = 0.9  # share of the last step that goes on
L1 = 0.0  # weight of the sum of all |w|
L2 = 1e-05  # weight decay
NAMES = ()  # of the classes; y counts through them
CENTER = ()
SCALE = ()
generator = torch.manual_seed(SEED)
_ARGUMENTS = (POINTS, CLASSES, NOISE, generator)

if _CSV:
    # Data: two columns of numbers and one of classes
    with open(sys.argv[1], encoding="utf-8-sig", newline="") as file:  # or gb18030
        lines = file.readlines()
    for separator in "\t;,":
        rows = list(csv.reader(lines, delimiter=separator, skipinitialspace=True))
        rows = [[" ".join(cell.split()) for cell in row] for row in rows if "".join(row).strip()]
        if all(len(row) == 3 for row in rows):
            break
    if _NUMBERED:
        first, second, label = 0, 1, 2
    else:
        label = next(c for c in (2, 1, 0) if all(row[c] in NAMES for row in rows[1:]))
        first, second = (c for c in range(3) if c != label)
    try:
        float(rows[0][first]), float(rows[0][second])
    except ValueError:
        del rows[0]  # names of the columns
    raw = torch.tensor([[float(row[first]), float(row[second])] for row in rows], dtype=torch.float64)
    y = torch.tensor([NAMES.index(float(row[label]) if _NUMBERED else row[label]) for row in rows])
    order = y.argsort(stable=True)  # one class after the other
    # Each feature is scaled to -1 … 1, as in the app
    X = ((raw - torch.tensor(CENTER, dtype=raw.dtype)) / torch.tensor(SCALE, dtype=raw.dtype)).float()
    X, y = X[order], y[order]
elif _DRAWN:
    # Data: points drawn on the plane: x1, x2 and class
    # fmt: off
    DRAWN = [(0.25, -0.5, 0)]
    # fmt: on
    X = torch.tensor([(x1, x2) for x1, x2, _ in DRAWN])
    y = torch.tensor([label for _, _, label in DRAWN])
else:
    from dlcore.spiral.data import spiral as _draw

    if _REGRESSION:
        # Data: points in the plane and their targets, a column
        X, y = _draw(*_ARGUMENTS)
    else:
        # Data: points in the plane, one class after the other
        X = _draw(*_ARGUMENTS)
        y = torch.arange(CLASSES).repeat_interleave(POINTS)

if _FEATURES:
    # The features that the network sees
    X = torch.stack([*_FEATURES], 1)

if _DEVICE != "cpu":
    X, y = X.to(_DEVICE), y.to(_DEVICE)

if VALIDATION_SHARE:
    # Split, by an order of its own: the share changes neither data nor weights
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(SEED))
    n_test = round(TEST_SHARE * len(y))
    n_kept = n_test + round(VALIDATION_SHARE * (len(y) - n_test))
    X_train, y_train = X[order[n_kept:]], y[order[n_kept:]]
    X_validation, y_validation = X[order[n_test:n_kept]], y[order[n_test:n_kept]]
    parts = [("TRAIN", X_train, y_train), ("VALIDATION", X_validation, y_validation)]
    if TEST_SHARE:
        parts.append(("TEST", X[order[:n_test]], y[order[:n_test]]))
elif TEST_SHARE:
    # Split, by an order of its own: the share changes neither data nor weights
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(SEED))
    n_test = round(TEST_SHARE * len(y))
    X_train, y_train = X[order[n_test:]], y[order[n_test:]]
    X_test, y_test = X[order[:n_test]], y[order[:n_test]]
    parts = [("TRAIN", X_train, y_train), ("TEST", X_test, y_test)]
else:
    X_train, y_train = X, y  # nothing is kept back for a test
    parts = [("TRAIN", X_train, y_train)]

if _REGRESSION:
    # Model: from features to one output, without an activation
    pass
else:
    # Model: from features to logits
    pass
for _ in range(_DRAW):  # the app shows the last network of these
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, CLASSES))
    if _INIT:
        for layer in model:  # over PyTorch's own
            if isinstance(layer, nn.Linear):
                _INIT(layer.weight, **_INIT_OPTIONS)
                nn.init.zeros_(layer.bias)
if _DEVICE != "cpu":
    model.to(_DEVICE)
criterion = nn.MSELoss() if _REGRESSION else nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=LR, weight_decay=L2)
if _SCHEDULE == "step":
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=_MILESTONES, gamma=_GAMMA)
elif _SCHEDULE == "cosine":
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS)
elif _SCHEDULE == "exponential":
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=_END ** (1 / EPOCHS))


@torch.no_grad()
def report():
    model.eval()
    for name, inputs, labels in parts:
        if _REGRESSION:
            loss = criterion(model(inputs), labels)
            r2 = 1 - loss / labels.var(correction=0)  # share of the variance explained
            print(f"[{name}]: [LOSS]: {loss.item():.6f}, [R2]: {r2.item():.3f}")
        else:
            logits = model(inputs)
            loss = criterion(logits, labels).item()
            accuracy = (logits.argmax(1) == labels).float().mean().item()
            print(f"[{name}]: [LOSS]: {loss:.6f}, [ACCURACY]: {accuracy:.3f}")


if "--weights" in sys.argv:  # weights from the app, instead of training
    model.load_state_dict(torch.load(sys.argv[-1], weights_only=True))
    report()
    sys.exit()

# Training: the printed loss is the one before the update
if _DEVICE != "cpu" and DROPOUT:
    # A GPU draws its own dropout masks: the numbers differ from the app's
    pass
losses = []
for epoch in range(EPOCHS):
    if BATCH:
        total = 0.0
        for rows in torch.randperm(len(y_train)).split(BATCH):  # a new order each epoch
            loss = criterion(model(X_train[rows]), y_train[rows])
            optimizer.zero_grad()
            if L1:
                penalty = sum(p.abs().sum() for p in model.parameters())
                (loss + L1 * penalty).backward()
            else:
                loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        losses.append(total / len(y_train))
    else:
        loss = criterion(model(X_train), y_train)
        optimizer.zero_grad()
        if L1:
            penalty = sum(p.abs().sum() for p in model.parameters())
            (loss + L1 * penalty).backward()
        else:
            loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if _SCHEDULE != "constant":
        scheduler.step()
    if _EVERY == 1:
        print(f"[EPOCH]: {epoch}, [LOSS]: {losses[-1]:.6f}")
    else:
        if epoch % _EVERY == 0 or epoch == EPOCHS - 1:
            print(f"[EPOCH]: {epoch}, [LOSS]: {losses[-1]:.6f}")

report()  # after the last update, in evaluation mode

if _CHECK:
    # Check: the same losses as the app, up to rounding. Delete from here on, then change what you like
    if not _CALM:
        # (rounding may decide the losses that are not compared)
        pass
    # fmt: off
    EXPECTED = {0: 1.0947393, 1: 1.0773334, 2: 1.0615535}
    # fmt: on
    for epoch, app in EXPECTED.items():
        if not abs(losses[epoch] - app) <= _TOLERANCE * app + _FLOOR:
            sys.exit(f"epoch {epoch}: loss {losses[epoch]}, in the app {app}")
    print("Agrees with the app.")
elif not _CALM:
    # Rounding decides how this run goes: there is nothing to compare
    pass
