"""What an LF-Tag expression reaches for who asks, and why it may not be asked for as it is.

One domain answers for all of it: a yes of one owner opens nothing of another's. What the asker may not see refuses the
ask in the same words as another domain's data, so that neither is told from the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from catalog.may import visible_tables
from catalog.models import Domain
from catalog.tagged import Tagged, TaggedTable, tagged
from identity.models import ConnectedCatalog, Person
from lakeformation.canonical import digest
from lakeformation.tag_effects import Member
from lakeformation.tags import ANY_VALUE, Reach, TagExpression
from requests_app.errors import RefusedError
from requests_app.reaching.found import MOST_TABLES, locations_of, member_of

MOST_VALUES = 50
"""Of one key in an expression (botocore: TagValueList)."""
LONGEST = 400


@dataclass(frozen=True)
class Reached:
    """`tables` are those that the asker sees; `refusal` is why nobody may agree to it, or empty."""

    catalog: ConnectedCatalog
    expression: TagExpression
    found: Tagged
    tables: tuple[TaggedTable, ...]
    domain: Domain | None
    refusal: str

    @cached_property
    def members(self) -> tuple[Member, ...]:
        return tuple(member_of(one) for one in self.tables)

    @property
    def mark(self) -> str:
        """Names exactly these databases, tables and columns: what was seen is what is asked for."""
        return digest([*(one.to_json() for one in self.members), [one.name for one in self.found.databases]])

    @property
    def reach(self) -> Reach:
        own = {one.name for one in self.found.databases}
        names = {one.database for one in self.members} | own
        return Reach(
            self.expression,
            tuple(sorted(names)),
            tuple(sorted(names - own)),
            tuple((one.database, one.table) for one in self.members),
            locations_of(self.tables),
        )


def expression_of(tags: Mapping[str, Sequence[str]]) -> TagExpression:
    """RefusedError where it is none, or longer than a person reads."""
    expression = TagExpression.of({key: values for key, values in tags.items() if values})
    if not expression:
        raise RefusedError(_("Choose at least one LF-Tag."), "tags")
    if any(ANY_VALUE in values or len(values) > MOST_VALUES for _key, values in expression.keys):
        raise RefusedError(_("Name the values of each LF-Tag, 50 at most."), "tags")
    if len(expression.text) > LONGEST:
        raise RefusedError(_("These are too many LF-Tags to be read at a glance. Ask with fewer."), "tags")
    return expression


def reached(catalog: ConnectedCatalog, expression: TagExpression, asker: Person) -> Reached:
    """Of the mirror as it is now. Five queries."""
    found = tagged(catalog, expression, most=MOST_TABLES)
    seen = set(
        visible_tables(asker)
        .filter(pk__in=[one.table.pk for one in found.tables])
        .values_list("pk", flat=True)
    )
    tables = tuple(one for one in found.tables if one.table.pk in seen)
    domains = {one.domain_id: one.domain for one in found.every_database.values()}
    domain = next(iter(domains.values())) if len(domains) == 1 else None
    refusal = ""
    if not found.tables:
        refusal = _("No table carries these LF-Tags.")
    elif len(found.tables) > MOST_TABLES:
        refusal = _("These LF-Tags reach more than %(most)s tables. Add tags until they reach fewer.")
        refusal = refusal % {"most": MOST_TABLES}
    elif domain is None or len(tables) < len(found.tables):
        refusal = _(
            "These LF-Tags reach more than one domain's offered data. Add tags until one owner answers."
        )
    return Reached(catalog, expression, found, tables, domain, refusal)
