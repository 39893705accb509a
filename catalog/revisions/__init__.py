"""Edits of data products by their domain's people: a draft, its publication, and the history of both."""
