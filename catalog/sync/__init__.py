"""Readings of Glue: runs and their settings, what differs, and the writers of the mirror."""
