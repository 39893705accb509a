"""Prefixes of `Intent.failure`, by which pages and records tell the cases apart."""

REFUSED = "AWS refused"
"""AWS refused a call, which needs a person. Any other sentence says what the intent waits for."""
UNREADABLE = "AWS could not be read"
REPLACED = "a SELECT takes the place of its DESCRIBE"
