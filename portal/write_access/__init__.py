"""Pages and API of write access: request, decide, end."""
