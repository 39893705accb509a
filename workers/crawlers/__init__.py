"""Starts and follows runs of Glue crawlers."""
