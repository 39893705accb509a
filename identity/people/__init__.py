"""Persons, teams and their roles; signing in."""
