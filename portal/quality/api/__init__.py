"""Quality in the API."""
