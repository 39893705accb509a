"""Offers of a product: shown, written, put in force, withdrawn."""
