"""Data products and domains that people follow. A saved search is followed by its alert: see `catalog.search.alerts`."""
