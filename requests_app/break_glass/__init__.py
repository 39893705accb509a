"""Standing consents, and access for hours that is taken under one."""
