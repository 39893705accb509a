"""Reads when the data of tables last changed."""
