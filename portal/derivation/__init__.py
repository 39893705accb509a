"""Data products made from data of others: floors, terms, and requests to upstream owners."""
