"""Requesting access: basket, checks, preview; for tables, a database or LF-Tags, under an offer or not."""
