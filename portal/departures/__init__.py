"""Deactivate a person: what only they decide, and who takes it over."""
