"""The lab: a grid of runs over one or two settings, their training, and what the grid showed."""
