"""Sample rows of tables, and their profiles."""
