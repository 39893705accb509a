"""Requests held to AWS's service models before a handler sees them."""
