"""Statements that write data: CREATE TABLE AS, INSERT, UNLOAD, and changes of Iceberg tables."""
