"""Pages and API of service tokens."""
