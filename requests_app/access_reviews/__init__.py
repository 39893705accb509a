"""Campaigns in which data owners confirm or end live grants."""
