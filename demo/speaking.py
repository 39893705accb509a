"""At which address, and as which database role, the models of this process speak."""

import environ
from django.db import connection, connections


def speak_at(address: str) -> None:
    """From here on this process's models are read and written at that address."""
    connections.close_all()
    connections["default"].settings_dict.update(environ.Env.db_url_config(address))


def become(role: str) -> None:
    """The rest of this thread's session speaks as that role; the session's own must be allowed to."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
