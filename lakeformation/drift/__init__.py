"""Changes made outside the portal."""
