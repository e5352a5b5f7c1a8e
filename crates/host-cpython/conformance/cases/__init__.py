"""The cases of `differential.py`, by section of the parity table."""
