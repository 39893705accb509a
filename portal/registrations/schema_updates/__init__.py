"""Pages and API of schema updates."""
