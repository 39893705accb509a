"""The search: facets, suggestions, saved searches, export."""
