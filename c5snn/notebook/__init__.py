"""Runs, sweeps and comparisons as objects that a notebook shows; nothing below knows of them."""
