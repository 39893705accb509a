"""An account's local groups, link naming and service roles."""
