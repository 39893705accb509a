"""Requests, items, decisions, changes and comments: rows, states, locks and visibility."""
