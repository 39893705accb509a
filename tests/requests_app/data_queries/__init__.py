"""Queries that workers run through Athena as the caller's role: sample rows, the data API, and profiles of tables."""
