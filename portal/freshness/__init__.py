"""How fresh tables and products are, on pages and in the API."""
