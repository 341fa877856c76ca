"""Shared parts of charts and pictures: colours, number formats, specifications, grids of numbers."""
