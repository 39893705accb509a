"""Tables collected for one request."""
