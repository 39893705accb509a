"""Gunicorn's worker that buffers slow clients; its limits."""
