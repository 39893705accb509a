"""The first page: search with facets, suggestions, saved searches, export."""
