"""The audit log as page and API."""
