"""The rules in force, their draft, and which products meet them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import Lower

from catalog.classification.models import Scan, ScanState
from catalog.classification.queries import list_unclassified_personal_columns
from catalog.mirror.models import Column, Table
from catalog.products.models import DataProduct, ProductTable
from catalog.publication_rules.models import PublicationRules, RuleException, RulesState
from catalog.publication_rules.rules import REQUIRABLE_FIELDS, ProductFacts, RuleResult, Rules, evaluate_rules
from identity.people.models import Membership
from lakeformation.values.canonical_json import digest


@dataclass(frozen=True)
class ProductResults:
    product: DataProduct
    results: tuple[RuleResult, ...]

    @property
    def failures(self) -> tuple[RuleResult, ...]:
        return tuple(result for result in self.results if not result.is_met)


def get_rules_in_force() -> Rules:
    """None of the rules before a version is in force."""
    row = PublicationRules.objects.filter(state=RulesState.IN_FORCE).first()
    return Rules.from_json(row.rules) if row else Rules()


def get_rules_draft() -> PublicationRules | None:
    return PublicationRules.objects.filter(state=RulesState.DRAFT).select_related("written_by").first()


def list_versions() -> QuerySet[PublicationRules]:
    """Versions that are or were in force, newest first."""
    rows = PublicationRules.objects.filter(state__in=[RulesState.IN_FORCE, RulesState.REPLACED])
    return rows.select_related("written_by", "in_force_by").order_by("-number")


def compute_rules_digest() -> str:
    """What a form or preview was made from: the rules in force and the draft. It changes with both."""
    draft = get_rules_draft()
    return digest([get_rules_in_force().to_json(), [draft.number, draft.edit] if draft else None])


def check_product(
    product: DataProduct, tables: Collection[int], rules: Rules | None = None
) -> tuple[RuleResult, ...]:
    """The product, which may be new, with its fields as they are to be, and these tables, by id; by the rules in force unless others are given."""
    return check_each([(product, tables)], get_rules_in_force() if rules is None else rules)[0]


def check_each(
    products: Sequence[tuple[DataProduct, Collection[int]]], rules: Rules
) -> list[tuple[RuleResult, ...]]:
    """As `check_product`, of several products with their tables. Five queries however many."""
    tables = _read_tables({pk for _product, pks in products for pk in pks})
    active_owners = Membership.objects.filter(
        person__in={product.owner_id for product, _tables in products},
        person__is_active=True,
        role=Membership.Role.DATA_OWNER,
    )
    owners = set(active_owners.values_list("person_id", "team_id"))
    exceptions: dict[int, dict[str, str]] = {}
    rows = _list_exceptions([product for product, _tables in products])
    for pk, key, reason in rows.values_list("product_id", "key", "reason"):
        exceptions.setdefault(pk, {})[key] = reason
    return [
        evaluate_rules(
            rules,
            _build(product, [tables[pk] for pk in pks if pk in tables], owners),
            exceptions.get(product.pk, {}),
        )
        for product, pks in products
    ]


def check_products(rules: Rules) -> list[ProductResults]:
    """Every published product by these rules, by name. Seven queries however many."""
    rows = DataProduct.objects.filter(is_published=True).select_related("domain__owner_team", "owner")
    products: Sequence[DataProduct] = list(rows.order_by(Lower("name"), "pk"))
    links: dict[int, list[int]] = {}
    for product, table in ProductTable.objects.filter(product__in=products).values_list(
        "product_id", "table_id"
    ):
        links.setdefault(product, []).append(table)
    results = check_each([(product, links.get(product.pk, ())) for product in products], rules)
    return [ProductResults(product, checked) for product, checked in zip(products, results, strict=True)]


def list_open_exceptions(product: DataProduct) -> QuerySet[RuleException]:
    return _list_exceptions([product]).select_related("allowed_by").order_by("key")


def _list_exceptions(products: Sequence[DataProduct]) -> QuerySet[RuleException]:
    return RuleException.objects.filter(product__in=[product.pk for product in products], ended_at=None)


@dataclass(frozen=True)
class _TableFacts:
    name: str
    domain: int | None
    column_count: int
    unclassified: tuple[str, ...]
    unclassified_personal: tuple[str, ...]
    is_scanned: bool


def _build(
    product: DataProduct, tables: Iterable[_TableFacts], owners: Collection[tuple[int, int]]
) -> ProductFacts:
    facts = list(tables)
    return ProductFacts(
        owner_is_active=(product.owner_id, product.domain.owner_team_id) in owners,
        description=product.description,
        table_count=len(facts),
        column_count=sum(table.column_count for table in facts),
        fields={field: getattr(product, field) for field in REQUIRABLE_FIELDS},
        unclassified=tuple(name for table in facts for name in table.unclassified),
        unclassified_personal=tuple(name for table in facts for name in table.unclassified_personal),
        foreign_tables=tuple(table.name for table in facts if table.domain != product.domain_id),
        tier=product.tier,
        columnless_tables=tuple(table.name for table in facts if not table.column_count),
        unscanned_tables=tuple(table.name for table in facts if table.unclassified and not table.is_scanned),
    )


def _read_tables(tables: Collection[int]) -> Mapping[int, _TableFacts]:
    scans = Scan.objects.filter(table=OuterRef("pk"), state=ScanState.DONE)
    rows = (
        Table.objects.filter(pk__in=tables, tombstoned_at=None)
        .select_related("database")
        .annotate(column_count=Count("columns"), is_scanned=Exists(scans))
        .order_by("database__name", "name")
    )
    unclassified = Column.objects.filter(table__in=tables, classification="").order_by("position")
    open_columns = _name_columns(unclassified.values_list("table_id", "table__name", "name"))
    personal = _name_columns(
        (column.table_id, column.table.name, column.column)
        for column in list_unclassified_personal_columns(Table.objects.filter(pk__in=tables))
    )
    return {
        row.pk: _TableFacts(
            str(row),
            row.database.domain_id,
            row.column_count,
            open_columns.get(row.pk, ()),
            personal.get(row.pk, ()),
            row.is_scanned,
        )
        for row in rows
    }


def _name_columns(columns: Iterable[tuple[int, str, str]]) -> Mapping[int, tuple[str, ...]]:
    """As `table.column`, by the table's id, from that id and both names."""
    found: dict[int, tuple[str, ...]] = {}
    for table, table_name, column in columns:
        found[table] = (*found.get(table, ()), f"{table_name}.{column}")
    return found
