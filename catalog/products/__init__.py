"""Domains and data products, who sees them, and which tables a product may hold."""
