"""Releasing a column that was added after the grant."""
