"""Who holds SELECT in AWS, as the mirror of permissions last saw it."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from identity.models import Person

# Nobody reads by what an account holds as a whole, under its bare id.
SEEN = """
  SELECT t.id AS table_id, o.principal_arn AS arn
  FROM catalog_table t
  JOIN catalog_database b ON b.id = t.database_id AND b.tombstoned_at IS NULL
  JOIN fulfilment_observed o ON o.catalog_id = b.catalog_id AND o.database = b.name
    AND o."table" IN (t.name, '*') AND o.verb IN ('SELECT', 'ALL')
  WHERE t.tombstoned_at IS NULL AND left(o.principal_arn, 4) = 'arn:'"""

_COUNTS = f"""
SELECT count(DISTINCT seen.arn), count(DISTINCT account.id) FROM ({SEEN}) AS seen
JOIN identity_principal principal ON principal.arn = seen.arn AND principal.gone_at IS NULL
JOIN identity_account account ON account.id = principal.account_id
WHERE seen.table_id = ANY(%s)"""  # noqa: S608

_HELD = f"""
SELECT DISTINCT seen.table_id FROM ({SEEN}) AS seen
JOIN identity_principal principal ON principal.arn = seen.arn AND principal.gone_at IS NULL
JOIN identity_account account ON account.id = principal.account_id
JOIN identity_membership member ON member.team_id = account.team_id AND member.person_id = %s
WHERE seen.table_id = ANY(%s)"""  # noqa: S608


@dataclass(frozen=True)
class Holders:
    """How many roles of the mesh can read some of the tables, and in how many accounts they live."""

    principals: int
    accounts: int


def holders_of(tables: Collection[int]) -> Holders:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [list(tables)])
        row = cursor.fetchone()
    return Holders(*row) if row else Holders(0, 0)


def held_by(person: Person, tables: Collection[int]) -> frozenset[int]:
    """Those of the tables that a principal in an account of one of the person's teams can read."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [person.pk, list(tables)])
        return frozenset(row[0] for row in cursor.fetchall())
