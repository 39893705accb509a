"""The API of local groups, link naming and service roles."""
