"""Valves and holds: changes that wait for a person."""
