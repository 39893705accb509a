"""Test queries, run through Athena as the role of a grant."""
