"""Connecting AWS accounts."""
