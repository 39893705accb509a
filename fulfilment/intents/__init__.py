"""Intents: the actions that write them, their justifications, and queries for live intents."""
