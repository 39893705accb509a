"""Endpoints of the data API."""
