"""Break-glass consents and sessions."""
