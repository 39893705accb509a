"""The API of the request forms: tables, databases, LF-Tags, demands."""
