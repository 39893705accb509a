"""The data products that a person owns or maintains."""
