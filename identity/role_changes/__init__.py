"""Changes of who may decide or govern: proposed by one governor, confirmed by another."""
