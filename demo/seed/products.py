"""Write the demo's data products upon the mirrored tables, and say which domain a database belongs to."""

from decimal import Decimal
from typing import Any

from django.db import transaction

from catalog.mirror.models import Database, Table
from catalog.products.models import DataProduct, Domain, ProductInput, ProductTable
from catalog.search.index.indexing import index_products
from demo.bank.catalog import DATABASES
from demo.seed.glossary import seed_terms
from demo.seed.people import find_person
from demo.seed.product_details import DETAILS, QUALITY, SUPPORT
from demo.seed.product_rows import PRODUCTS, ProductRow


class MissingTablesError(Exception):
    """The mirror lacks tables that products are made of: the catalogs were not synced yet."""


def seed_products() -> int:
    """Make the products that are missing; those that are there keep what people changed.

    Returns how many there are. MissingTablesError before the first sync of both catalogs.
    """
    known = _list_mirrored_tables()
    missing = [path for row in PRODUCTS for path in row.tables if path not in known]
    if missing:
        raise MissingTablesError(f"not mirrored yet: {', '.join(missing)}")
    with transaction.atomic():
        _assign_domains()
        new = [row.slug for row in PRODUCTS if _write_product(row, [known[path] for path in row.tables])]
        for slug in new:
            _write_inputs(slug)
        index_products()
    seed_terms()
    return len(PRODUCTS)


def _build_details(row: ProductRow) -> dict[str, Any]:
    details = DETAILS[row.slug]
    return {
        "support": SUPPORT[row.domain],
        "support_hours": details.support_hours,
        "answer_hours": details.answer_hours,
        "freshness_hours": details.freshness_hours,
        "completeness_percent": details.completeness_percent,
        "availability_percent": details.availability_percent,
        "quality_percent": Decimal(QUALITY[row.slug]) if row.slug in QUALITY else None,
        "retention": details.retention,
        "terms": details.terms,
        "passing_on": details.passing_on,
        "sql_example": details.example,
        "python_example": details.python_example,
        "links": {
            "code": [f"https://git.harbour.example/{row.domain}/{row.slug}"],
            "pipeline": [f"https://pipelines.harbour.example/{row.slug}"],
        },
    }


def _write_inputs(slug: str) -> None:
    product = DataProduct.objects.get(slug=slug)
    inputs = DataProduct.objects.filter(slug__in=DETAILS[slug].inputs)
    ProductInput.objects.bulk_create(ProductInput(product=product, input=one) for one in inputs)


def _list_mirrored_tables() -> dict[str, Table]:
    """Live tables by `database.table`: names differ between the two catalogs of the bank."""
    live = Table.objects.filter(tombstoned_at=None, database__tombstoned_at=None)
    return {f"{table.database.name}.{table.name}": table for table in live.select_related("database")}


def _assign_domains() -> None:
    domains = {domain.slug: domain for domain in Domain.objects.all()}
    for database in DATABASES:
        rows = Database.objects.filter(name=database.name, domain=None, tombstoned_at=None)
        rows.update(domain=domains[database.domain.replace("_", "-")])


def _write_product(row: ProductRow, tables: list[Table]) -> bool:
    """Whether it was missing."""
    product, is_new = DataProduct.objects.get_or_create(
        slug=row.slug,
        defaults={
            "name": row.name,
            "summary": row.summary,
            "description": row.description,
            "domain": Domain.objects.get(slug=row.domain),
            "owner": find_person(row.owner),
            "tier": row.tables[0].split(".")[0].rsplit("_", 1)[-1].replace("reinsurance", "gold"),
            "keywords": list(row.keywords),
            "refresh": row.refresh,
            "is_published": row.published,
            **_build_details(row),
        },
    )
    if is_new:
        ProductTable.objects.bulk_create(
            ProductTable(product=product, table=table, position=position)
            for position, table in enumerate(tables, start=1)
        )
    return is_new
