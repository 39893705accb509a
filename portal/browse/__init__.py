"""The tree of domains and catalogs."""
