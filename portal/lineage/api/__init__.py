"""The API of lineage."""
