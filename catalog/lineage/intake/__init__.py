"""Takes OpenLineage events: checks them, reads them, and writes many by a few statements."""
