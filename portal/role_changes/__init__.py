"""Changes of platform roles and memberships that wait for a second governor."""
