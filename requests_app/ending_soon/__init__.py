"""Access that ends soon: shown to whoever has it, and told once on the record."""
