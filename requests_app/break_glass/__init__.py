"""Standing consents, and the sessions that give access for hours under one."""
