"""Retirement of data products: the plan of the grants that end, its confirmation, and how a web process carries it out."""
