"""Whether data products keep what they promise, and since when they do not."""
