"""A person's own password and sessions: changing, resetting and ending them."""
