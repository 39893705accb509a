"""Usage and cost of products, tables and teams."""
