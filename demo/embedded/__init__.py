"""The real PostgreSQL and Valkey as children of this process, on unix sockets in a private folder.

Knows nothing of Django: the rest is told by addresses.
"""

from demo.embedded.errors import EmbeddedError
from demo.embedded.folder import StateFolder
from demo.embedded.postgres import Postgres
from demo.embedded.valkey import Valkey, find_valkey

__all__ = ["EmbeddedError", "Postgres", "StateFolder", "Valkey", "find_valkey"]
