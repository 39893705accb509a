"""Creates notifications from sealed events, and delivers mail and webhooks."""
