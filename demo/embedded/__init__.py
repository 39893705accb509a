"""The real PostgreSQL and Valkey as children of this process, on unix sockets in a private folder.

Knows nothing of Django: the rest is told by addresses.
"""
