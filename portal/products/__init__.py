"""The pages of a data product and of a table."""
