"""The spiral playground: its data, its runs, what they look like, and the scripts that repeat them."""
