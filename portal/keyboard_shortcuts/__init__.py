"""The list of keyboard shortcuts."""
