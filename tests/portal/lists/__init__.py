"""Declared lists."""
