"""The same loop over tensors and over lists against one call, as a template."""

import timeit

import torch

_TASK = "add"

n = 10
x = torch.rand(n, n, dtype=torch.float64) if _TASK == "matvec" else torch.rand(n, dtype=torch.float64)
y = torch.rand(n, dtype=torch.float64)
z = torch.zeros(n, dtype=torch.float64)
a, b, c = x.tolist(), y.tolist(), z.tolist()

if _TASK == "add":

    def loop(x, y, z):
        for i in range(n):
            z[i] = x[i] + y[i]
        return z

    def call():
        return x + y

elif _TASK == "dot":

    def loop(x, y, z):
        s = 0.0
        for i in range(n):
            s = s + x[i] * y[i]
        return s

    def call():
        return torch.dot(x, y)

else:

    def loop(x, y, z):
        for i in range(n):
            row, s = x[i], 0.0
            for j in range(n):
                s = s + row[j] * y[j]
            z[i] = s
        return z

    def call():
        return x @ y


def seconds(way, times=1):
    return min(timeit.repeat(way, number=times, repeat=3)) / times


print(torch.allclose(loop(x, y, z), call()))
once = seconds(call, times=100)
over_tensors, over_lists = seconds(lambda: loop(x, y, z)), seconds(lambda: loop(a, b, c))
print(f"{over_tensors / once:.1f}, {over_lists / once:.1f}")
