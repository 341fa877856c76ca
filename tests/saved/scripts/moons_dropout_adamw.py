"""网络 2 → 8 → 6 → 2，数据：两个半月。

由“深度学习游乐场”生成。
python script.py 从头训练；加上 --weights 文件 则改为载入应用中的权重。
"""

import math
import sys

import torch
from torch import nn

SEED = 12345  # 同一随机流：数据、权重、打乱、暂退法
CLASSES = 2
POINTS = 20  # 每类样本数
NOISE = 0.2  # 其一半是两个坐标的标准差
TEST_SHARE = 0.2  # 留作测试的样本比例
DROPOUT = 0.3  # 暂退法丢弃隐藏单元的概率
EPOCHS = 40
LR = 0.01  # 学习率
L2 = 0.01  # 权重衰减
torch.manual_seed(SEED)

# 数据：两个交错的半圆
angle = torch.linspace(0, math.pi, POINTS)
upper = torch.stack((angle.cos(), angle.sin()), 1)
lower = torch.stack((1 - angle.cos(), 0.5 - angle.sin()), 1)
X = (torch.cat((upper, lower)) - torch.tensor([0.5, 0.25])) / 1.5
X = X + NOISE * 0.5 * torch.randn(X.shape)
y = torch.arange(CLASSES).repeat_interleave(POINTS)

# 划分用单独的随机数，比例不影响数据和权重
order = torch.randperm(len(y), generator=torch.Generator().manual_seed(SEED))
n_test = round(TEST_SHARE * len(y))
X_train, y_train = X[order[n_test:]], y[order[n_test:]]
X_test, y_test = X[order[:n_test]], y[order[:n_test]]

# 模型：从特征到 logit
model = nn.Sequential(
    nn.Linear(2, 8),
    nn.GELU(),
    nn.Dropout(DROPOUT),
    nn.Linear(8, 6),
    nn.GELU(),
    nn.Dropout(DROPOUT),
    nn.Linear(6, 2),
)
criterion = nn.CrossEntropyLoss()
optimiser = torch.optim.AdamW(model.parameters(), lr=LR, weight_decay=L2)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=EPOCHS)


@torch.no_grad()
def report():
    model.eval()
    for name, inputs, labels in [("TRAIN", X_train, y_train), ("TEST", X_test, y_test)]:
        logits = model(inputs)
        loss = criterion(logits, labels).item()
        accuracy = (logits.argmax(1) == labels).float().mean().item()
        print(f"[{name}]: [LOSS]: {loss:.6f}, [ACCURACY]: {accuracy:.3f}")


if "--weights" in sys.argv:  # 用应用中的权重，不再训练
    model.load_state_dict(torch.load(sys.argv[-1], weights_only=True))
    report()
    sys.exit()

# 训练：打印的是更新之前的损失
losses = []
for epoch in range(EPOCHS):
    loss = criterion(model(X_train), y_train)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    losses.append(loss.item())
    scheduler.step()
    if epoch % 2 == 0 or epoch == EPOCHS - 1:
        print(f"[EPOCH]: {epoch}, [LOSS]: {losses[-1]:.6f}")

report()  # 最后一次更新之后，在评估模式下

# 检查：损失是否与应用一致。删去以下部分即可随意修改
# (float32 求和次序不同，末几位就不同)
# fmt: off
EXPECTED = [
    0.7445929646492004, 0.7598981261253357, 0.7245374321937561, 0.7149815559387207,
    0.7128978967666626, 0.702221155166626, 0.6620810031890869, 0.6934530138969421,
    0.6634337902069092, 0.6693152189254761, 0.6793605089187622, 0.6897684931755066,
    0.6769803762435913, 0.6422492861747742, 0.6634011268615723, 0.6535466909408569,
    0.6303094029426575, 0.6123526096343994, 0.6106763482093811, 0.6076252460479736,
    0.6367506980895996, 0.5968472361564636, 0.6510627865791321, 0.5918819308280945,
    0.588421642780304, 0.5756620168685913, 0.6223560571670532, 0.5652611255645752,
    0.635360836982727, 0.5803207159042358, 0.5986151099205017, 0.5838752388954163,
    0.5564819574356079, 0.5796976685523987, 0.5739305019378662, 0.6125772595405579,
    0.5546475052833557, 0.5677433013916016, 0.6029995679855347, 0.5553981065750122,
]
# fmt: on
for epoch, app in enumerate(EXPECTED):
    if not abs(losses[epoch] - app) <= 1e-05 * max(1, app):
        sys.exit(f"第 {epoch} 个周期：损失 {losses[epoch]}，应用中为 {app}")
# 舍入误差：把各数的末位改动后重新训练，损失相差至多 1e-07；
# 容许其 20 倍，且不小于 1e-05
epoch, app = 39, 0.5553981065750122
if not abs(losses[epoch] - app) <= 1e-05:
    sys.exit(f"第 {epoch} 个周期：损失 {losses[epoch]}，应用中为 {app}")
print("与应用一致。")
