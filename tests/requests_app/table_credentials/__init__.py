"""Temporary credentials for the files of a table, vended by Lake Formation to the caller's role."""
