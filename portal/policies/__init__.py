"""Policies of a domain or of all: draft, replay, publish, retire, try a request."""
