"""Offers of a product: shown, written, published, retired."""
