"""Registrations of producers' tables: ask, decide, follow."""
