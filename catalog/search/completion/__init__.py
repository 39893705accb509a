"""Suggestions while somebody types: names, words and filters."""
