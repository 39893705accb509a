"""How things stand, in one vocabulary for pages, mail, notifications and API."""
