"""What the portal knows of a product, as a file would say it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.discovery import DiscoverySettings, read_settings
from catalog.mirror.models import Column, Table
from catalog.products.fields import PRODUCT_FIELDS, VALUE_FIELDS, FieldKind
from catalog.products.may import visible_products
from catalog.products.models import DataProduct
from catalog.revisions.content import ProductContent, read_content
from catalog.revisions.queries import may_save_product_draft
from catalog.revisions.versions import get_current_version
from identity.people.models import Person, Team

Path = tuple[str | int, ...]
"""Names and positions that lead to a value of a file."""

NOT_SAID: Mapping[str, Any] = {one.name: one.empty for one in PRODUCT_FIELDS if one.kind != FieldKind.PERSON}
"""What a new product has of a field that its file leaves out. The owner must be said, or is who applies it."""


@dataclass(frozen=True)
class FileColumn:
    """`type` is Glue's."""

    name: str
    type: str = ""
    comment: str = ""
    classification: str = ""
    is_partition_key: bool = False


@dataclass(frozen=True)
class FileTable:
    """`name` is database and table; `catalog` its short name, or empty where the file doesn't say. `columns` is None where
    the file says nothing about them.
    """

    name: str
    catalog: str = ""
    description: str = ""
    kind: str = ""
    columns: tuple[FileColumn, ...] | None = None


@dataclass(frozen=True)
class FileDiscovery:
    """Who may see and request it; teams by slug."""

    seen_by: str
    requested_by: str
    see_teams: tuple[str, ...] = ()
    request_teams: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileServer:
    """A Glue database in an AWS account; `name` is the catalog's short name and the database's."""

    name: str
    account: str
    database: str


@dataclass(frozen=True)
class ProductFile:
    """`fields` are those of `ProductContent` that the file mentions: the owner as e-mail, inputs as slugs, tables as `FileTable`.
    `stated` is what a file tells and doesn't change: lifecycle, version, domain, team and tier. `places` lead to the fields in the
    file, and `not_kept` to what the standard knows and Meshmarket doesn't hold. `servers` is None where the file has none.
    """

    slug: str
    fields: Mapping[str, Any]
    stated: Mapping[str, str]
    discovery: FileDiscovery | None = None
    servers: tuple[FileServer, ...] | None = None
    owner_name: str = ""
    input_versions: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Path] = field(default_factory=dict, compare=False)
    not_kept: tuple[Path, ...] = field(default=(), compare=False)


def format_path(path: Sequence[str | int]) -> str:
    """Such as `schema[0].properties[2].name`."""
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return steps.removeprefix(".")


VIEW_KINDS = {"VIRTUAL_VIEW": "view"}


def describe_product(
    person: Person, product: DataProduct, content: ProductContent | None = None
) -> ProductFile:
    """As the person sees it. `content` is a draft's instead of the product's own. People from outside are told neither where the
    data is nor who in the organisation may see it.
    """
    shown, is_inside = content or read_content(product), not person.is_external
    knows_all = is_inside or bool(may_save_product_draft(person, product))
    tables = list_tables(shown.tables)
    owner = Person.objects.get(pk=shown.owner)
    inputs = list(visible_products(person).filter(pk__in=shown.inputs).order_by("slug"))
    return ProductFile(
        slug=product.slug,
        fields={
            **{one.name: getattr(shown, one.name) for one in VALUE_FIELDS},
            "owner": owner.email if knows_all else "",
            "inputs": tuple(one.slug for one in inputs),
            "tables": tuple(describe_tables(tables, names_catalog=knows_all)),
        },
        stated=describe_state(product),
        discovery=describe_settings(read_settings(product)) if knows_all else None,
        servers=describe_servers(tables) if knows_all else None,
        owner_name=owner.name,
        input_versions={one.slug: get_current_version(one) for one in inputs},
    )


def describe_state(product: DataProduct) -> dict[str, str]:
    """What a file tells and doesn't change."""
    return {
        "lifecycle": product.lifecycle,
        "version": get_current_version(product),
        "domain": product.domain.slug,
        "team": product.domain.owner_team.name,
        "tier": product.tier,
    }


def list_tables(ids: Sequence[int]) -> list[Table]:
    """In this order, with their databases and catalogs."""
    rows = Table.objects.select_related("database__catalog__account").in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


def describe_tables(tables: Iterable[Table], *, names_catalog: bool) -> list[FileTable]:
    """One query for all columns. A table that is gone from the catalog has none."""
    shown = list(tables)
    columns: dict[int, list[FileColumn]] = defaultdict(list)
    live = [table.pk for table in shown if table.tombstoned_at is None]
    for row in Column.objects.filter(table__in=live).order_by("position"):
        column = FileColumn(row.name, row.type, row.comment, row.classification, row.is_partition_key)
        columns[row.table_id].append(column)
    return [
        FileTable(
            name=str(table),
            catalog=table.database.catalog.short_name if names_catalog else "",
            description=table.description,
            kind=VIEW_KINDS.get(table.kind, "table"),
            columns=tuple(columns[table.pk]),
        )
        for table in shown
    ]


def describe_servers(tables: Iterable[Table]) -> tuple[FileServer, ...] | None:
    """Each database once. None without tables, as of a file that has no servers."""
    servers = {
        FileServer(
            f"{database.catalog.short_name}-{database.name}",
            database.catalog.account.account_id,
            database.name,
        )
        for database in (table.database for table in tables)
    }
    return tuple(sorted(servers, key=lambda server: server.name)) or None


def describe_settings(settings: DiscoverySettings) -> FileDiscovery:
    """Teams by slug, as far as they count."""
    named = settings.teams
    slugs = dict(Team.objects.filter(pk__in=named).values_list("pk", "slug")) if named else {}
    see = settings.see_teams if settings.seen_by == "teams" else frozenset[int]()
    request = settings.request_teams if settings.requested_by == "teams" else frozenset[int]()
    return FileDiscovery(
        str(settings.seen_by),
        str(settings.requested_by),
        tuple(sorted(slugs[pk] for pk in see)),
        tuple(sorted(slugs[pk] for pk in request)),
    )
