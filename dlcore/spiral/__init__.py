"""The spiral playground: its data, runs, pictures and exported scripts."""
