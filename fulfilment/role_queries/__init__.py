"""Queries in AWS as the role of a grant."""
