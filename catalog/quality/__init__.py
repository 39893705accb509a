"""The quality of tables and data products."""
