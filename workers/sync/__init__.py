"""Reads the Glue Data Catalog into the mirror: runs, pages, events and column statistics."""
