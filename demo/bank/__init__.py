"""Harbour Bank in AWS: its accounts, roles, catalog, rows and trails, and the seed of the pretend AWS made of them."""
