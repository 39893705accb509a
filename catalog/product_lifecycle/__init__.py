"""Deprecation and retirement of data products."""
