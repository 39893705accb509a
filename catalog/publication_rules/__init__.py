"""Rules that a data product must meet before it is published."""
