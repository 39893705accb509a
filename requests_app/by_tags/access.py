"""An item by LF-Tags in the words of Lake Formation; and what LF-Tags show beside an item of one table."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.utils.translation import gettext as _

from catalog.mirror.lf_tag_matches import opened_by
from fulfilment.intents.queries import agreed_in
from fulfilment.observations.models import Observed
from fulfilment.preview.lf_tags import preview_tags
from fulfilment.preview.tables import Preview
from fulfilment.query_cache import Readings
from identity.people.models import Person
from lakeformation.access.access import Access
from lakeformation.effects.widening import Cells
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.permissions import SELECT
from lakeformation.values.tag_expressions import TagExpression, TagPolicy
from requests_app.by_tags.reach import Reached, reached
from requests_app.models import Item
from requests_app.parties import access_between


def reached_by(item: Item) -> Reached:
    """What the item's tags reach now, as its asker sees it."""
    return reached_for(item, item.request.asker)


def reached_for(item: Item, person: Person) -> Reached:
    """The same as somebody else sees it."""
    return reached(item.table.database.catalog, TagExpression.of(item.tags), person)


def tags_access(item: Item, found: Reached) -> Access:
    """What the item's grant would want: one principal, one expression, what it reaches now."""
    return access_between(item, by_tags=found.reach)


def preview_of_tags(item: Item) -> Preview:
    """The effects of agreeing to the item, and the calls that it would set off."""
    found = reached_by(item)
    shown = preview_tags(found.catalog, tags_access(item, found), found.members)
    refusal = found.refusal or found.obstacle
    if not refusal and found.domain and found.domain.pk != item.table.database.domain_id:
        refusal = _(
            "What carries these LF-Tags belongs to another domain by now. It has to be asked for again."
        )
    if not refusal:
        return shown
    effects = replace(shown.effects, refusals=(refusal, *shown.effects.refusals))
    return Preview(effects, shown.calls)


def cells_by_tags(item: Item, readings: Readings) -> tuple[Cells, ...]:
    """What the item's principal sees of its table by LF-Tags, agreed to or held in AWS besides. Two queries for a
    database, and one for a catalog.
    """
    mine = (item.request.principal.arn, item.table.database.catalog_id)
    held = readings.once(("by tags", *mine), lambda: tuple(_held(item)))
    return _cells(item, (*_agreed(item, readings), *held))


def agreed_by_tags(item: Item) -> tuple[Cells, ...]:
    """Of these, what was agreed to. Two queries."""
    return _cells(item, _agreed(item, Readings()))


def _cells(item: Item, told: Iterable[tuple[TagExpression, str]]) -> tuple[Cells, ...]:
    found = {}
    for expression, why in told:
        names = [column.name for column in opened_by(expression, item.table).opened]
        if names and expression not in found:
            found[expression] = Cells(ColumnSet.include(names), "", f"{why} by LF-Tags, {expression.text}")
    return tuple(found.values())


def _agreed(item: Item, readings: Readings) -> Iterator[tuple[TagExpression, str]]:
    database, who = item.table.database, item.request.principal.arn
    owner, region = database.catalog.account.account_id, database.catalog.region
    near = agreed_in(database.name, principal_arn=who, owner=owner, region=region, readings=readings)
    for one in near:
        if one.by_tags:
            yield one.by_tags.expression, "agreed to before"


def _held(item: Item) -> Iterator[tuple[TagExpression, str]]:
    rows = Observed.objects.filter(
        catalog=item.table.database.catalog, principal_arn=item.request.principal.arn, verb=SELECT
    )
    for row in rows.exclude(tagged="").order_by("pk"):
        policy = TagPolicy.from_json(row.policy)
        if policy.kind == "TABLE":
            yield policy.expression, "held in AWS besides"
