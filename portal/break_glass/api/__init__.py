"""The API of break-glass consents and sessions."""
