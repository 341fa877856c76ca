"""Template: the loss of logits that may overflow, by its definition, by LogSumExp and by torch."""

import torch
import torch.nn.functional as F

_BY_HAND, _LOGITS, _DTYPE, _Y = True, [1.0, 2.0], torch.float32, 1

z = torch.tensor(_LOGITS, dtype=_DTYPE)
if _BY_HAND:
    p = z.exp() / z.exp().sum()
    print("by the definition:", -p[_Y].log().item())

    shifted = z - z.max()
    loss = shifted.exp().sum().log() - shifted[_Y]
    print("by LogSumExp:", loss.item())
else:
    loss = z.logsumexp(0) - z[_Y]  # large logits cost the last digits
    print("by logsumexp:", loss.item())

    loss = F.cross_entropy(z, torch.tensor(_Y))  # and here they do not
    print("by cross_entropy:", loss.item())
