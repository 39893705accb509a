"""The API of the search: results, cursors, suggestions."""
