"""Who has access: one's own, a product's; query examples; revoking one or many."""
