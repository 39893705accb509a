"""Decisions passed to a colleague for a while."""
