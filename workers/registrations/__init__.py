"""Compares registered tables with their sources."""
