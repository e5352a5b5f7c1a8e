"""The cases of `differential.py`, by section."""
