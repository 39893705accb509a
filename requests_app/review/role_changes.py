"""Who may not decide on an item, saved or not, because of a role change in the last week: see `identity.role_changes.bars`."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import BigIntegerField, F, Func, Value

from identity.people.models import Person
from identity.role_changes.bars import describe_bars, has_bars
from kernel.verdicts import ALLOWED, Verdict
from requests_app.access_requests.models import RequestItem

_BARRED_SQL = "SELECT requests_barred(%s, %s, %s, %s, %s, %s, %s)"


def filter_unbarred_roles(person: Person, item: RequestItem, roles: Sequence[str]) -> list[str]:
    """Those of the roles in which no change of the last week bars the person from the item, saved or not."""
    return [role for role in roles if _find_bar(person, item, role) is None]


def may_decide_after_changes(person: Person, item: RequestItem, roles: Sequence[str]) -> Verdict:
    """Allowed when one of the roles, each of which the person holds for the item, is free of bars."""
    found = {_find_bar(person, item, role) for role in roles}
    return ALLOWED if None in found else describe_bars(person, [pk for pk in found if pk])


def build_bar_expression(item: RequestItem, role: str, person: str = "pk") -> Func:
    """For a query whose field `person` is a person's id: the row that bars them from the item, or null."""
    values = [Value(one, output_field=BigIntegerField()) for one in _build_parameters(item)]
    return Func(*values, F(person), Value(role), function="requests_barred", output_field=BigIntegerField())


def _find_bar(person: Person, item: RequestItem, role: str) -> int | None:
    if not has_bars(person):
        return None
    with connection.cursor() as cursor:
        cursor.execute(_BARRED_SQL, [*_build_parameters(item), person.pk, str(role)])
        row = cursor.fetchone()
    return row[0] if row else None


def _build_parameters(item: RequestItem) -> list[int | None]:
    request = item.request
    return [item.requester_id, request.team_id, request.principal_id, item.table_id, item.product_id]
