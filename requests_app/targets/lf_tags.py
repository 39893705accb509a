"""An LF-Tag expression as a target: what it matches, why it may be refused, and its access."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.db.models import BooleanField, F, Func, JSONField, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.mirror.models import Table
from catalog.mirror.queries import TagMatchedTable, TagMatches, find_tag_matches, match_table
from fulfilment.intents.models import list_live_accesses_in_database
from fulfilment.observations.models import ObservedPermission
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel.errors import RefusedError
from kernel.queries import QueryCache
from lakeformation.access.access import Access, TagAccess, TagReach
from lakeformation.values.canonical_json import digest
from lakeformation.values.column_sets import Cells, ColumnSet
from lakeformation.values.permissions import SELECT
from lakeformation.values.tag_expressions import ANY_VALUE, TagExpression, TagPolicy
from requests_app.access_requests.item_targets import Condition, ExtentTexts, register_target
from requests_app.access_requests.models import RequestItem
from requests_app.targets.many_tables import (
    MAX_TABLES,
    ManyTables,
    ManyTablesTarget,
    build_item_parties,
    find_schema_refusal,
    list_locations,
    list_visible_matches,
)

MAX_TAG_VALUES = 50
"""Of one key in an expression (botocore: TagValueList)."""
MAX_EXPRESSION_LENGTH = 400


@dataclass(frozen=True)
class TagsTarget(ManyTablesTarget):
    kind = "tags"
    submit_verb = "submit_access_request_by_tags"
    changed_message = gettext_lazy(
        "The tables with these LF-Tags have changed since you opened this page. Check again."
    )

    expression: TagExpression
    tagged: TagMatches

    @property
    def members_hash(self) -> str:
        return digest(
            [
                *(member.to_json() for member in self.members),
                [database.name for database in self.tagged.databases],
            ]
        )

    @property
    def item_fields(self) -> dict[str, Any]:
        return {"tags": self.expression.to_json()}

    @property
    def offer_fields(self) -> dict[str, Any]:
        return self.item_fields

    @property
    def grants_filter(self) -> Q:
        return Q(item__tags=self.expression.to_json(), item__table__database__catalog=self.catalog)

    def read_again(self, person: Person) -> "TagsTarget":
        return build_tags_target(self.catalog, self.expression, person)

    def is_of_item(self, item: RequestItem) -> bool:
        return item.tags == self.expression.to_json() and item.table.database.catalog_id == self.catalog.pk

    def build_access(self, item: RequestItem) -> TagAccess:
        return TagAccess(parties=build_item_parties(item), reach=self.reach)

    def find_item_refusal(self, item: RequestItem) -> str:
        refusal = super().find_item_refusal(item)
        if not refusal and self.domain and self.domain.pk != item.table.database.domain_id:
            return _("The data with these LF-Tags now belongs to another domain. Request access again.")
        return refusal

    def describe_existing_access(self, role: str) -> str:
        words = {"role": role, "tags": self.expression.text}
        return _("%(role)s already has access to everything with %(tags)s.") % words

    @property
    def reach(self) -> TagReach:
        own = {database.name for database in self.tagged.databases}
        names = {member.database for member in self.members} | own
        return TagReach(
            self.expression,
            tuple(sorted(names)),
            tuple(sorted(names - own)),
            tuple((member.database, member.table) for member in self.members),
            list_locations(self.tables),
        )


@register_target
class TaggedTables(ManyTables):
    """Whatever carries the item's LF-Tags, in the catalog of its table."""

    fact = "tags"
    api_kind = "tags"
    column: ClassVar[Condition | None] = ("tags", {})
    names_database = False
    texts = ExtentTexts(
        short=gettext_lazy("by LF-Tags"),
        waiting=gettext_lazy("everything with these LF-Tags"),
        full=gettext_lazy("everything with these LF-Tags, including what is tagged later"),
        readable=gettext_lazy("all, of the tables with these LF-Tags"),
        amount=gettext_lazy("the whole table"),
        granted=gettext_lazy("all columns"),
        compared=gettext_lazy("the whole table"),
        approval=gettext_lazy("Approve"),
    )

    @classmethod
    def build_reach_filter(cls, table: Table) -> Q | None:
        member = [[table.database.name, table.name]]
        catalog = table.database.catalog_id
        return Q(table__database__catalog=catalog, intent__wanted__reach__tables__contains=member)

    @classmethod
    def build_use_filter(cls) -> Q | None:
        """Of the tables that they reached when it was agreed to."""
        path = OuterRef("intent__wanted"), Value("reach"), Value("tables")
        members = Func(*path, function="jsonb_extract_path", output_field=JSONField())
        name = Func(F("database"), F("table"), function="jsonb_build_array", output_field=JSONField())
        names = Func(name, function="jsonb_build_array", output_field=JSONField())
        template, output = "(%(expressions)s)", BooleanField()
        return Q(Func(members, names, arg_joiner=" @> ", template=template, output_field=output))

    @classmethod
    def list_reached(cls, catalog: ConnectedCatalog, access: Access, limit: int) -> Sequence[TagMatchedTable]:
        assert access.tag_expression is not None
        return find_tag_matches(catalog, access.tag_expression, limit=limit).tables

    @classmethod
    def format_name(cls, database: str, table: str, item: RequestItem) -> str:  # noqa: ARG003
        return TagExpression.from_values(item.tags).text

    def describe_submission(self, words: Mapping[str, str]) -> str:
        return _("%(name)s requested everything with %(table)s") % words

    def read(self, viewer: Person) -> TagsTarget:
        expression = TagExpression.from_values(self.item.tags)
        return build_tags_target(self.item.table.database.catalog, expression, viewer)

    def filter_tables(self, tables: QuerySet[Table], access: Access) -> QuerySet[Table]:
        members: dict[str, list[str]] = {}
        for database, name in access.tables:
            members.setdefault(database, []).append(name)
        wanted = (Q(database__name=database, name__in=names) for database, names in members.items())
        inside = reduce(or_, wanted, Q(pk__in=()))
        return tables.filter(inside, database__catalog=self.item.table.database.catalog_id)

    def covers_table(self, table: Table, access: Access) -> bool:
        """Whether the table is one that was approved; a later one waits."""
        same_catalog = table.database.catalog_id == self.item.table.database.catalog_id
        return same_catalog and (table.database.name, table.name) in access.tables


def parse_tag_expression(tags: Mapping[str, Sequence[str]]) -> TagExpression:
    """RefusedError where it is none, or longer than a person reads."""
    expression = TagExpression.from_values({key: values for key, values in tags.items() if values})
    if not expression:
        raise RefusedError(_("Choose at least one LF-Tag."), "tags")
    if any(ANY_VALUE in values or len(values) > MAX_TAG_VALUES for _key, values in expression.keys):
        raise RefusedError(_("Name the values of each LF-Tag, at most 50."), "tags")
    if len(expression.text) > MAX_EXPRESSION_LENGTH:
        raise RefusedError(_("These are too many LF-Tags to review. Use fewer."), "tags")
    return expression


def get_several_domains_message() -> str:
    """The refusal of what the requester sees, and the obstacle in what they do not: a table may be of any domain."""
    return _("These LF-Tags cover offered data of more than one domain. Add tags until one owner decides.")


def build_tags_target(catalog: ConnectedCatalog, expression: TagExpression, requester: Person) -> TagsTarget:
    """Builds the target from the mirror as it is now. Five queries."""
    tag_matches = find_tag_matches(catalog, expression, limit=MAX_TABLES)
    tables = list_visible_matches(tag_matches.tables, requester)
    databases = {table.table.database_id: table.table.database for table in tables}
    databases |= {database.pk: database for database in tag_matches.databases}
    domains = {database.domain_id: database.domain for database in databases.values()}
    domain = next(iter(domains.values())) if len(domains) == 1 else None
    refusal = ""
    if not tables:
        refusal = _("No table carries these LF-Tags.")
    elif len(tables) > MAX_TABLES:
        refusal = _("These LF-Tags cover more than %(most)s tables. Add tags until they cover fewer.")
        refusal = refusal % {"most": MAX_TABLES}
    elif domain is None:
        refusal = get_several_domains_message()
    else:
        refusal = find_schema_refusal(tables)
    obstacle = get_several_domains_message() if len(tag_matches.tables) > len(tables) else ""
    return TagsTarget(catalog, domain, tables, refusal, obstacle, expression, tag_matches)


def list_tag_cells(item: RequestItem, readings: QueryCache) -> tuple[Cells, ...]:
    """What the item's principal sees of its table by LF-Tags, agreed to or held in AWS besides. Two queries for a
    database, and one for a catalog.
    """
    mine = (item.request.principal.arn, item.table.database.catalog_id)
    held = readings.get_or_read(("by tags", *mine), lambda: tuple(_iterate_observed(item)))
    return _build_cells(item, (*_iterate_approved(item, readings), *held))


def list_approved_tag_cells(item: RequestItem) -> tuple[Cells, ...]:
    """Lists the tag cells that were agreed to. Two queries."""
    return _build_cells(item, _iterate_approved(item, QueryCache()))


def _build_cells(item: RequestItem, told: Iterable[tuple[TagExpression, str]]) -> tuple[Cells, ...]:
    found = {}
    for expression, why in told:
        names = [column.name for column in match_table(expression, item.table).open_columns]
        if names and expression not in found:
            found[expression] = Cells(ColumnSet.include(names), "", f"{why} by LF-Tags, {expression.text}")
    return tuple(found.values())


def _iterate_approved(item: RequestItem, readings: QueryCache) -> Iterator[tuple[TagExpression, str]]:
    database, who = item.table.database, item.request.principal.arn
    owner, region = database.catalog.account.account_id, database.catalog.region
    near = list_live_accesses_in_database(
        database.name, principal_arn=who, owner=owner, region=region, cache=readings
    )
    for one in near:
        if one.tag_expression:
            yield one.tag_expression, "approved earlier"


def _iterate_observed(item: RequestItem) -> Iterator[tuple[TagExpression, str]]:
    rows = ObservedPermission.objects.filter(
        catalog=item.table.database.catalog, principal_arn=item.request.principal.arn, verb=SELECT
    )
    for stored in rows.exclude(tagged="").order_by("pk").values_list("policy", flat=True):
        policy = TagPolicy.from_json(stored)
        if policy.kind == "TABLE":
            yield policy.expression, "held outside the portal"
