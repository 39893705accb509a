"""Data products as files: downloaded, planned and applied."""
