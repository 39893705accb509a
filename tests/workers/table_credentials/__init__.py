"""Temporary credentials for the files of tables."""
