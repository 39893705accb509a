"""Notices and how they are delivered."""
