"""Runs parts in parallel processes, splits a part over processes, and defines sizes."""
