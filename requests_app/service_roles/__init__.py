"""Roles that services take on, each with a person who answers for it."""
