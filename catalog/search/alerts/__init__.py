"""Alerts of saved searches: what is new since a person was last told."""
