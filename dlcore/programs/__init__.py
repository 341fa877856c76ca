"""The programs that pages show."""
