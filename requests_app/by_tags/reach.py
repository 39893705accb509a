"""What an LF-Tag expression reaches for who asks, and why it may not be asked for as it is.

One domain answers for all of it: a yes of one owner opens nothing of another's. A table that the asker may not see does
not refuse the request, which would tell that it exists: it keeps the owners from approving, and only they are told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from catalog.mirror.lf_tag_matches import Tagged, TaggedTable, tagged
from catalog.products.may import visible_tables
from catalog.products.models import Domain
from identity.accounts.models import ConnectedCatalog
from identity.errors import RefusedError
from identity.people.models import Person
from lakeformation.effects.tag_effects import Member
from lakeformation.values.canonical_json import digest
from lakeformation.values.tag_expressions import ANY_VALUE, Reach, TagExpression
from requests_app.reaching.found import MOST_TABLES, locations_of, member_of

MOST_VALUES = 50
"""Of one key in an expression (botocore: TagValueList)."""
LONGEST = 400


@dataclass(frozen=True)
class Reached:
    """`tables` are those that the asker sees, `domain` the one that answers for them; for `refusal` and `obstacle` see
    `Found`.
    """

    catalog: ConnectedCatalog
    expression: TagExpression
    found: Tagged
    tables: tuple[TaggedTable, ...]
    domain: Domain | None
    refusal: str
    obstacle: str

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


def several_domains() -> str:
    """The refusal of what the asker sees, and the obstacle in what they do not: a table may be of any domain."""
    return _("These LF-Tags reach more than one domain's offered data. Add tags until one owner answers.")


def reached(catalog: ConnectedCatalog, expression: TagExpression, asker: Person) -> Reached:
    """Of the mirror as it is now. Five queries."""
    found = tagged(catalog, expression, most=MOST_TABLES)
    seen = set(
        visible_tables(asker)
        .filter(pk__in=[one.table.pk for one in found.tables])
        .values_list("pk", flat=True)
    )
    tables = tuple(one for one in found.tables if one.table.pk in seen)
    databases = {one.table.database_id: one.table.database for one in tables}
    databases |= {one.pk: one for one in found.databases}
    domains = {one.domain_id: one.domain for one in databases.values()}
    domain = next(iter(domains.values())) if len(domains) == 1 else None
    refusal = ""
    if not tables:
        refusal = _("No table carries these LF-Tags.")
    elif len(tables) > MOST_TABLES:
        refusal = _("These LF-Tags reach more than %(most)s tables. Add tags until they reach fewer.")
        refusal = refusal % {"most": MOST_TABLES}
    elif domain is None:
        refusal = several_domains()
    obstacle = several_domains() if len(found.tables) > len(tables) else ""
    return Reached(catalog, expression, found, tables, domain, refusal, obstacle)
