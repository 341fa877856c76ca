"""网络 2 → 3，数据：3 类螺旋。

由“深度学习游乐场”生成。
python script.py 从头训练；加上 --weights 文件 则改为载入应用中的权重。
"""

import math
import sys

import torch
from torch import nn

SEED = 12345  # 同一随机流：数据、权重、打乱、暂退法
CLASSES = 3
POINTS = 20  # 每类样本数
NOISE = 0.0  # 角度的标准差（弧度）
TEST_SHARE = 0.2  # 留作测试的样本比例
EPOCHS = 40
LR = 0.5  # 学习率
L2 = 0.001  # 权重衰减
torch.manual_seed(SEED)

# 数据：第 c 类是一条螺旋臂，噪声加在角度上
t = torch.linspace(0, 1, POINTS)
arms = []
for c in range(CLASSES):
    start, end = 2 * math.pi / CLASSES * c, 2 * math.pi / CLASSES * (c + 2)
    angle = torch.linspace(start, end, POINTS) + NOISE * torch.randn(POINTS)
    angle = angle.double()  # 与课程相同：用双精度求正弦和余弦
    arms.append(torch.stack((t * angle.sin().float(), t * angle.cos().float()), 1))
X = torch.cat(arms)
y = torch.arange(CLASSES).repeat_interleave(POINTS)

# 划分用单独的随机数，比例不影响数据和权重
order = torch.randperm(len(y), generator=torch.Generator().manual_seed(SEED))
n_test = round(TEST_SHARE * len(y))
X_train, y_train = X[order[n_test:]], y[order[n_test:]]
X_test, y_test = X[order[:n_test]], y[order[:n_test]]

# 模型：从特征到 logit
model = nn.Sequential(
    nn.Linear(2, 3),
)
criterion = nn.CrossEntropyLoss()
optimiser = torch.optim.SGD(model.parameters(), lr=LR, weight_decay=L2)


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
    if epoch % 2 == 0 or epoch == EPOCHS - 1:
        print(f"[EPOCH]: {epoch}, [LOSS]: {losses[-1]:.6f}")

report()  # 最后一次更新之后，在评估模式下

# 检查：损失是否与应用一致。删去以下部分即可随意修改
# (float32 求和次序不同，末几位就不同)
# fmt: off
EXPECTED = [
    1.1563915014266968, 1.131339192390442, 1.1104189157485962, 1.0924466848373413,
    1.0766260623931885, 1.0624207258224487, 1.0494667291641235, 1.037514090538025,
    1.0263882875442505, 1.015965223312378, 1.006154179573059, 0.9968875050544739,
    0.9881125092506409, 0.9797874093055725, 0.9718778729438782, 0.9643548130989075,
    0.9571930766105652, 0.9503705501556396, 0.9438669085502625, 0.9376640915870667,
    0.9317455291748047, 0.9260953068733215, 0.9206992983818054, 0.9155436158180237,
    0.9106157422065735, 0.9059037566184998, 0.9013960957527161, 0.8970826268196106,
    0.8929529786109924, 0.8889980316162109, 0.8852086663246155, 0.8815767765045166,
    0.8780941963195801, 0.8747536540031433, 0.8715478777885437, 0.8684706091880798,
    0.8655152320861816, 0.8626758456230164, 0.859947144985199, 0.8573234677314758,
]
# fmt: on
for epoch, app in enumerate(EXPECTED):
    if not abs(losses[epoch] - app) <= 1e-05 * max(1, app):
        sys.exit(f"第 {epoch} 个周期：损失 {losses[epoch]}，应用中为 {app}")
# 舍入误差：把各数的末位改动后重新训练，损失相差至多 2e-07；
# 容许其 20 倍，且不小于 1e-05
epoch, app = 39, 0.8573234677314758
if not abs(losses[epoch] - app) <= 1e-05:
    sys.exit(f"第 {epoch} 个周期：损失 {losses[epoch]}，应用中为 {app}")
print("与应用一致。")
