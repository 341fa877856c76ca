"""Settings for every test: one hypothesis profile, and torch on one thread as the app runs it."""

from hypothesis import settings

from dlcore.engine import prepare_thread

# The machines are shared: a slow example says nothing about the code.
settings.register_profile("playground", deadline=None)
settings.load_profile("playground")

prepare_thread()
