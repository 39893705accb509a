"""Who may see a data product, and who may request it."""
