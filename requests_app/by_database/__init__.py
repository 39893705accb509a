"""Asking for a whole database: today's tables by name, or every table, those yet to come too."""
