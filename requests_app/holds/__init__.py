"""Columns that came later to a table that was granted whole: they are let in by a person, or by their class."""
