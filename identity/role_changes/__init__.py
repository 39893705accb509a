"""Changes of who may decide and govern: proposed by one governor, confirmed by another."""
