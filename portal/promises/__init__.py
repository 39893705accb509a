"""Promises that data products do not keep, on pages and in the API."""
