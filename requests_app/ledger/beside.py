"""What is held with a permission, and goes with it when somebody adopts it."""

from collections.abc import Iterator
from dataclasses import replace

from django.db.models import Q

from fulfilment.ledger.lines import Line
from fulfilment.observations.models import Observed
from fulfilment.observations.storage import held_in
from identity.accounts.models import ConnectedCatalog
from lakeformation.access.access import Beside
from lakeformation.values.arn import is_account
from lakeformation.values.column_sets import EVERY
from lakeformation.values.permissions import DESCRIBE, SELECT, Permission, in_order
from lakeformation.values.tag_expressions import TagPolicy

KINDS = ("DATABASE", "TABLE")


def held_with(catalog: ConnectedCatalog, line: Line) -> Beside:
    """As last read; of an option to pass a SELECT on, the columns of the line. One query."""
    one = line.permission
    going = set(_going_with(one))
    place = Q(database=one.database, tagged="")
    if one.policy:
        place = Q(tagged__in=[other.tagged for other in going])
    held = held_in(catalog, Observed.objects.filter(place, catalog=catalog, principal_arn=one.principal))
    found = [
        (other, held[other] & line.columns if other.verb == SELECT else EVERY)
        for other in in_order(going & held.keys())
    ]
    return tuple((other, columns) for other, columns in found if columns)


def _going_with(one: Permission) -> Iterator[Permission]:
    """DESCRIBE on the same; of an account also on the database, which it sees by that alone (AWS, "cross-account
    notes"), and the options.
    """
    described = tuple(_described(one)) if one.verb == SELECT or is_account(one.principal) else ()
    yield from described
    if is_account(one.principal):
        yield from (replace(other, grantable=True) for other in (one, *described))


def _described(one: Permission) -> Iterator[Permission]:
    if one.policy:
        kinds = (TagPolicy(kind, one.policy.expression) for kind in KINDS)
        yield from (replace(one, verb=DESCRIBE, policy=policy) for policy in kinds)
        return
    if one.verb == SELECT:
        yield replace(one, verb=DESCRIBE)
    if is_account(one.principal):
        yield replace(one, verb=DESCRIBE, table="")
