"""Quality of products, tables and columns: sections, pages and the API."""
