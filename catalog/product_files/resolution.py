"""The rows that a file names: owner, inputs, tables and teams."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.discovery.settings import DiscoverySettings
from catalog.mirror.models import Table
from catalog.product_files.values import FileDiscovery, FileTable, ProductFile
from catalog.products.models import DataProduct, Domain
from catalog.revisions.content import ProductContent
from catalog.revisions.inputs import choose_inputs
from catalog.revisions.tables import list_choosable_tables
from identity.keys import normalize_slug
from identity.people.models import Person, Team
from kernel.errors import RefusedError


def resolve_content(
    person: Person, file: ProductFile, known: ProductContent, tables: Sequence[Table | None]
) -> ProductContent:
    """What the file leaves out stays as in `known`. RefusedError with the field."""
    said: dict[str, Any] = {name: value for name, value in file.fields.items() if name != "tables"}
    if "owner" in said:
        said["owner"] = _find_owner(said["owner"], known.owner)
    if "inputs" in said:
        said["inputs"] = tuple(sorted(choose_inputs(person, said["inputs"], known.inputs)))
    if "tables" in file.fields:
        said["tables"] = tuple(dict.fromkeys(table.pk for table in tables if table is not None))
    return replace(known, **said)


def _find_owner(email: str, known: int) -> int:
    rows = Person.objects.filter(email=email).order_by("pk")
    found = rows.filter(pk=known).first() or rows.first()
    if found is None:
        raise RefusedError(_("Choose a data owner of the domain's team."), "owner")
    return found.pk


def find_tables(
    tables: Sequence[FileTable], product: DataProduct | None, domain: Domain
) -> list[Table | None]:
    """Each one's row among those that the product may have; None where there is none. RefusedError where there are several."""
    rows = list_choosable_tables(product) if product else _list_domain_tables(domain)
    by_name: dict[str, list[Table]] = {}
    for row in rows.select_related("database__catalog__account"):
        by_name.setdefault(str(row).lower(), []).append(row)
        by_name.setdefault(row.name.lower(), []).append(row)
    return [_choose_table(table, by_name.get(table.name.lower(), ())) for table in tables]


def _list_domain_tables(domain: Domain) -> QuerySet[Table]:
    return Table.objects.filter(database__domain=domain, tombstoned_at=None).select_related("database")


def _choose_table(table: FileTable, rows: Iterable[Table]) -> Table | None:
    """A table that is gone counts only where no other is meant."""
    meant = [row for row in rows if normalize_slug(table.catalog) in ("", row.database.catalog.short_name)]
    meant = [row for row in meant if row.tombstoned_at is None] or meant
    if len(meant) > 1:
        said = _(
            "Several tables are called %(name)s. Write it as database.table, and name the catalog in a custom property."
        )
        raise RefusedError(said % {"name": table.name}, "tables")
    return meant[0] if meant else None


def resolve_settings(said: FileDiscovery) -> DiscoverySettings:
    """RefusedError for an unknown team."""
    see = frozenset(map(normalize_slug, said.see_teams))
    request = frozenset(map(normalize_slug, said.request_teams))
    slugs = see | request
    found = dict(Team.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    if slugs - found.keys():
        raise RefusedError(_("One of these teams no longer exists."), "discovery")
    return DiscoverySettings(
        said.seen_by,
        said.requested_by,
        frozenset(found[slug] for slug in see),
        frozenset(found[slug] for slug in request),
    )
