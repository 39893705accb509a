"""Background workers: run rounds of scopes, sync catalogs, deliver notifications, seal audit events."""
