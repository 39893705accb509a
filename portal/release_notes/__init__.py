"""Versions of a data product, and its release notes."""
