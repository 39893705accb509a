"""Glue as rows and values: snapshots, digests, schema changes, statistics, LF-Tag matches, holders of SELECT."""
