"""Reads the results of Glue Data Quality in the accounts of connected catalogs."""
