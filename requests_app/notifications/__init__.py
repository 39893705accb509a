"""Notifications of audit events: in the portal, by mail and by webhook."""
