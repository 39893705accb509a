"""Proposals to change LF-Tags, and decisions on them."""
