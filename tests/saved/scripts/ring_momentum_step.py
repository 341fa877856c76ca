"""网络 2 → 8 → 4，数据：4 类中空螺旋。

由“深度学习游乐场”生成。
python script.py 从头训练；加上 --weights 文件 则改为载入应用中的权重。
"""

import math
import sys

import torch
from torch import nn

SEED = 12345  # 同一随机流：数据、权重、打乱、暂退法
CLASSES = 4
POINTS = 20  # 每类样本数
NOISE = 0.2  # 角度的标准差（弧度）
TEST_SHARE = 0.2  # 留作测试的样本比例
EPOCHS = 40
LR = 0.05  # 学习率
MOMENTUM = 0.9  # 动量
L2 = 1e-05  # 权重衰减
torch.manual_seed(SEED)

# 数据：半径 0.2 到 1 的螺旋臂，噪声加在角度上
t = torch.linspace(0, 1, POINTS)
radius = 0.8 * t + 0.2
arms = []
for c in range(CLASSES):
    angle = (2 * t + c) * 2 * math.pi / CLASSES + NOISE * torch.randn(POINTS)
    arms.append(torch.stack((radius * angle.sin(), radius * angle.cos()), 1))
X = torch.cat(arms)
y = torch.arange(CLASSES).repeat_interleave(POINTS)

# 划分用单独的随机数，比例不影响数据和权重
order = torch.randperm(len(y), generator=torch.Generator().manual_seed(SEED))
n_test = round(TEST_SHARE * len(y))
X_train, y_train = X[order[n_test:]], y[order[n_test:]]
X_test, y_test = X[order[:n_test]], y[order[:n_test]]

# 模型：从特征到 logit
model = nn.Sequential(
    nn.Linear(2, 8),
    nn.Tanh(),
    nn.Linear(8, 4),
)
criterion = nn.CrossEntropyLoss()
optimiser = torch.optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM, weight_decay=L2)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimiser, milestones=[20, 30], gamma=0.1)


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
    1.4814066886901855, 1.4763224124908447, 1.4668750762939453, 1.4538708925247192,
    1.4381346702575684, 1.4204497337341309, 1.4015140533447266, 1.3819094896316528,
    1.3620868921279907, 1.3423651456832886, 1.3229424953460693, 1.3039168119430542,
    1.2853113412857056, 1.267100214958191, 1.2492339611053467, 1.2316592931747437,
    1.214333176612854, 1.1972328424453735, 1.1803566217422485, 1.1637234687805176,
    1.147369623184204, 1.1457436084747314, 1.1441055536270142, 1.142457127571106,
    1.1408002376556396, 1.1391364336013794, 1.137467384338379, 1.1357944011688232,
    1.1341187953948975, 1.1324418783187866, 1.130764365196228, 1.130596399307251,
    1.1304281949996948, 1.13025963306427, 1.1300908327102661, 1.1299219131469727,
    1.1297528743743896, 1.129583477973938, 1.1294140815734863, 1.1292445659637451,
]
# fmt: on
for epoch, app in enumerate(EXPECTED):
    if not abs(losses[epoch] - app) <= 1e-05 * max(1, app):
        sys.exit(f"第 {epoch} 个周期：损失 {losses[epoch]}，应用中为 {app}")
# 舍入误差：把各数的末位改动后重新训练，损失相差至多 2e-07；
# 容许其 20 倍，且不小于 1e-05
epoch, app = 39, 1.1292445659637451
if not abs(losses[epoch] - app) <= 1e-05:
    sys.exit(f"第 {epoch} 个周期：损失 {losses[epoch]}，应用中为 {app}")
print("与应用一致。")
