"""Audit events as notices, mail and webhook deliveries."""
