"""Whether an intent is justified by recorded decisions: the engine asks before it writes to AWS."""

from collections.abc import Collection

from django.db import connection

from fulfilment.intents.models import Intent
from lakeformation.values.canonical_json import digest

UNJUSTIFIED_SQL = "SELECT intent, reason FROM requests_unjustified(%s)"
HASHED_KINDS = frozenset(
    {Intent.Kind.GRANT, Intent.Kind.REGISTRATION, Intent.Kind.WRITE, Intent.Kind.CLASSIFICATION}
)
"""Kinds whose effects are hashed for the approval."""
OTHER_EFFECTS_REASON = "the effects are not the approved ones"


def find_unjustified(intents: Collection[Intent]) -> dict[int, str]:
    """Returns the intents that no decision justifies, each with why. One statement, however many.

    A grant's needs as many different people's decisions on the very effects that it carries, with its event; what an
    account passed on, and a removal, the row and event of whoever did so. See `requests_unjustified` in
    `requests_app/migrations/sql/intents.sql`.
    """
    if not intents:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(UNJUSTIFIED_SQL, [[intent.pk for intent in intents]])
        found: dict[int, str] = dict(cursor.fetchall())
    for intent in intents:
        if intent.kind in HASHED_KINDS and digest(intent.effects) != intent.effects_hash:
            found.setdefault(intent.pk, OTHER_EFFECTS_REASON)
    return found
