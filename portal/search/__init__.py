"""The home page: search with facets, suggestions, saved searches, export."""
