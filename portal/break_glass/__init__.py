"""Standing consents and break-glass access."""
