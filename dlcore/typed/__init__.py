"""Parsers of typed and uploaded input, which never evaluate it."""
