"""The API of the search: hits, cursors, export."""
