"""The request forms for a table, a database or LF-Tags, with preview and required information."""
