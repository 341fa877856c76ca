"""A small network on the fastest device of this machine, and the time of a training step there, as a template."""

import time

import torch
from torch import nn

device = "cpu"
if torch.cuda.is_available():
    device = "cuda"
elif torch.mps.is_available():
    device = "mps"

net = nn.Sequential(nn.Linear(2, 100), nn.ReLU(), nn.Linear(100, 3))
net.to(device)  # moves the parameters
optimizer = torch.optim.SGD(net.parameters(), lr=1e-3)
X, y = torch.randn(10, 2), torch.randint(3, (10,))
X, y = X.to(device), y.to(device)  # copies, unless they lie there already
for step in range(100):
    began = time.perf_counter()
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(X), y)
    loss.backward()
    optimizer.step()
    value = loss.item()  # waits for the device, and copies the number to the CPU
    seconds = time.perf_counter() - began
print(X.device, f"{1e6 * seconds:.0f} µs for a step, loss {value:.3f}")
