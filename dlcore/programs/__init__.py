"""Building the programs that pages show."""
