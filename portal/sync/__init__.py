"""Runs that read the Glue catalogs: what runs, what waits, what could not be read."""
