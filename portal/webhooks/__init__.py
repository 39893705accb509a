"""Pages of webhooks: settings, tests and last deliveries."""
