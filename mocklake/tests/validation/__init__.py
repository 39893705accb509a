"""Requests against AWS's models: what fits, what is refused and in which words."""
