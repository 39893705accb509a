"""Release notes: what the owner of a data product tells its consumers."""
