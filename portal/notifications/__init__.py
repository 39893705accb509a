"""Notifications and how they are delivered."""
