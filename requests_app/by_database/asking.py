"""Asking for a whole database as a form says it: one item for every table for ever, or one for each of today's."""

from typing import Any

from catalog.mirror.models import Database
from identity.errors import RefusedError
from identity.people.models import Person
from requests_app.actions import submit_request
from requests_app.asks import ItemAsk, sent_under
from requests_app.by_database.actions import submit_request_for_database
from requests_app.by_database.reach import FIELD, Later, Whole, changed_since, whole
from requests_app.models import AccessRequest


def request_for_database(
    *, later: Later, asker: Person, database: Database, mark: str, submission_key: str, **words: Any
) -> AccessRequest:
    """Sent by the verb that fits: see `submit_request_for_database` and `submit_request`, whose words these are."""
    asked = {"acting_user": asker, "submission_key": submission_key, **words}
    if later == Later.TABLES:
        return submit_request_for_database(database=database, mark=mark, **asked)
    found = whole(database, asker)
    if found.mark != mark and not sent_under(asker, submission_key):
        raise RefusedError(changed_since(), FIELD)
    under = {"offer_id": asked.pop("offer_id", None), "use": asked.pop("use", "")}
    return submit_request(items=named(found, later, **under), **asked)


def named(found: Whole, later: Later, **under: Any) -> list[ItemAsk]:
    """Each of the tables, whole with columns yet to come, or with those that it has."""
    keeps = later == Later.COLUMNS
    return [
        ItemAsk(
            one.table.pk, () if keeps else tuple(column.name for column in one.table.columns.all()), keeps, None,
            **under,
        )
        for one in found.tables
    ]  # fmt: skip
