"""The statements of the search: the general one, the one for rare terms, and what both need."""
