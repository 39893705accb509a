"""The change feed over the API."""
