"""Pages and API of lineage."""
