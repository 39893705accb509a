"""Grants: their rows, coverage, use, expiry and revocation."""
