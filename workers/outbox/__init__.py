"""Turns sealed events into notices and delivers them: mail and webhooks."""
