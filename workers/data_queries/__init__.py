"""Queries as the role of whoever asked."""
