"""Comparisons of registered tables with their sources."""
