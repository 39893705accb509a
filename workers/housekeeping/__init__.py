"""Timed work on the marketplace's own rows: sealing and verifying the audit chain, grant expiry, reminders, leavers; never calls AWS."""
