"""A small network on the fastest device of this machine, and the time of a training step there, as a template."""

import time

import torch
from torch import nn

device = "cuda" if torch.cuda.is_available() else "mps" if torch.mps.is_available() else "cpu"
net = nn.Sequential(nn.Linear(2, 100), nn.ReLU(), nn.Linear(100, 3)).to(device)  # moves the parameters
optimizer = torch.optim.SGD(net.parameters(), lr=1e-3)
samples = 10
X, y = torch.randn(samples, 2).to(device), torch.randint(3, (samples,)).to(device)  # on the CPU: X and y themselves
for epoch in range(100):
    began = time.perf_counter()
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(X), y)
    loss.backward()
    optimizer.step()
    value = loss.item()  # waits until the device is done, and copies the number to the CPU
    seconds = time.perf_counter() - began
print(X.device, f"{1e6 * seconds:.0f} µs for a step, loss {value:.3f}")
