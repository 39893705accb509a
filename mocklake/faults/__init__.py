"""Faults on request, and what happens to a call around its handler."""
