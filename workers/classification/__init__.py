"""Scans of columns for personal data."""
