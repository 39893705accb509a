"""Questions about data products, and their answers."""
