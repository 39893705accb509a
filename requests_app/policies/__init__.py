"""Stored policies applied to a request: evaluation, required information, wording."""
