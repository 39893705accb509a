"""Requesting access: basket, checks, forecast; for tables, a database or LF-Tags, under an offer or not."""
