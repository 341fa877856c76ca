"""Settings for every test: one hypothesis profile, and torch on one thread as the app runs it."""

import torch
from hypothesis import settings

# The machines are shared: a slow example says nothing about the code.
settings.register_profile("playground", deadline=None)
settings.load_profile("playground")

torch.set_num_threads(1)
