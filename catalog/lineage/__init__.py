"""Lineage: which job made which table and column from which, as pipelines report it and as views say it."""
