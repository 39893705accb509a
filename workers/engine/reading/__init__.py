"""Reads AWS for a round: permissions, filters, links, invitations, settings."""
