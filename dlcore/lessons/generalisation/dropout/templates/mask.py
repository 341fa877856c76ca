"""Template: dropout of one tensor, by hand or by torch."""

import torch
from torch import nn

from dlcore.network.from_scratch import mask as _mask

_BY_HAND, _SHAPE, _END, _P, _TRAINING, _SEED, _DRAWS = True, (2, 3), 7.0, 0.5, True, 0, 3


def dropout(x):
    return x * _mask(x, _P, generator=generator) if _TRAINING and _P else x


x = torch.arange(1.0, _END, dtype=torch.float64).reshape(_SHAPE)
if _BY_HAND:
    generator = torch.Generator().manual_seed(_SEED)
    print(dropout(x))
    generator.manual_seed(_SEED)
    print(torch.stack([dropout(x) for _ in range(_DRAWS)]).mean(0))
else:
    layer = nn.Dropout(_P).train() if _TRAINING else nn.Dropout(_P).eval()
    torch.manual_seed(_SEED)
    print(layer(x))
    torch.manual_seed(_SEED)
    print(torch.stack([layer(x) for _ in range(_DRAWS)]).mean(0))
