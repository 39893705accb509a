"""Stored policies applied to a request: evaluation, demands, wording."""
