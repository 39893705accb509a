"""Data products are edited by the people of their domain."""
