"""One decision on several similar items."""
