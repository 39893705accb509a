"""One decision on several items."""
