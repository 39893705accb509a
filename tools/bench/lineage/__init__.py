"""What intake and reading of lineage take."""
