"""Deprecate and retire data products."""
