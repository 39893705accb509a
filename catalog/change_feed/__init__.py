"""Changes of products, tables, offers and classifications, in one order, for business catalogs outside."""
