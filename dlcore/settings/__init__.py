"""Settings of pages: their rules, the links that hold their values, and the errors of invalid input."""
