"""What the portal knows of a product, as a file would say it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from catalog.discovery import DiscoverySettings, read_settings
from catalog.mirror.models import Column, Table
from catalog.product_files.values import FileColumn, FileDiscovery, FileServer, FileTable, ProductFile
from catalog.products.fields import VALUE_FIELDS
from catalog.products.may import visible_products
from catalog.products.models import DataProduct
from catalog.revisions.content import ProductContent, read_content
from catalog.revisions.contract import get_current_version
from catalog.revisions.may import may_save_product_draft
from identity.people.models import Person, Team

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
        said = FileColumn(row.name, row.type, row.comment, row.classification, row.is_partition_key)
        columns[row.table_id].append(said)
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
    found = {
        FileServer(
            f"{database.catalog.short_name}-{database.name}",
            database.catalog.account.account_id,
            database.name,
        )
        for database in (table.database for table in tables)
    }
    return tuple(sorted(found, key=lambda one: one.name)) or None


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
