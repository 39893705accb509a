"""Permissions observed in AWS: adopt, remove, acknowledge; and why a principal can read a column."""
