"""Scopes of the engine and its rounds: steps, entries, refusals and writes in flight."""
