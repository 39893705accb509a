"""The forms that ask for access: to a table, a database, or what carries LF-Tags; with forecast and demands."""
