"""What an attacker who holds the web process can do: any statement, as the web role."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction


def run_statement(statement: str, values: Sequence[Any] = ()) -> None:
    """In a transaction of its own that commits, as far as the database lets it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


FORGE_INTENT = """
INSERT INTO fulfilment_intent (kind, scope_key, subject, wanted, opened, moved_to, moved_at, effects, effects_hash,
  created_at, expires_at, generation)
SELECT kind, scope_key, %s, wanted, '[]', '', 0, effects, effects_hash, created_at, created_at + interval '5 years', 1
  FROM fulfilment_intent WHERE id = %s RETURNING id
"""
"""A live intent like another one."""
