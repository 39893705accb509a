"""Tokens with which a team's services call the API."""
