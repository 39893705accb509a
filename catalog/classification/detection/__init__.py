"""Detects personal data in columns by their name and by sampled values. Pure; imported by workers only, as it is large."""
