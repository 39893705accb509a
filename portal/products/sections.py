"""What a product's page tells of its data: facts, promises, changes, lineage, freshness, quality, usage and similar products."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from catalog.browse.products import ProductPage
from catalog.derivation.evaluation import Subject, read_inputs
from catalog.products.models import DataProduct
from catalog.release_notes.models import ReleaseNote
from catalog.revisions.contract import get_initial_version
from catalog.revisions.queries import list_published_revisions
from catalog.search.similar import find_similar_products
from catalog.usage.models import get_trail_readings
from catalog.usage.queries import find_last_read
from identity.people.models import Person
from portal.derivation.presenters import build_derivation_section
from portal.freshness.presenters import build_product_context as build_product_freshness_context
from portal.lineage.drawing import build_table_lineage_view
from portal.products.changes import ChangeEntry, build_change_entries
from portal.products.summary import (
    build_change_fact,
    build_freshness_fact,
    build_last_read_fact,
    build_quality_fact,
    build_use_fact,
)
from portal.promises.presenters import build_promise_context
from portal.quality.presenters import build_quality_view
from portal.usage.presenters import build_product_usage

MAX_CHANGES = 5


def build_sections_context(
    person: Person,
    page: ProductPage,
    now: datetime,
    *,
    inputs: Sequence[int] | None,
    shows_trouble: bool,
) -> dict[str, Any]:
    """`inputs` are ids that a draft has instead of the product's own. `shows_trouble`: why something could not be read."""
    product, rows = page.row, [table.row for table in page.tables]
    is_draft = inputs is not None
    readings = get_trail_readings({row.database.catalog_id for row in rows})
    quality = build_quality_view(
        [row.pk for row in rows if row.tombstoned_at is None],
        now,
        promised=product.quality_percent,
        promised_completeness=product.completeness_percent,
    )
    freshness = build_product_freshness_context(product, rows, now, shows_trouble=shows_trouble)
    changes = _list_changes(product)
    newest = next((one for one in changes if one.note is None), None)
    facts = [
        build_freshness_fact(freshness["product_freshness"], now),
        build_quality_fact(product, quality),
        build_use_fact(product),
        build_last_read_fact(find_last_read(rows, readings)),
        build_change_fact(newest),
    ]
    return {
        "facts": [fact for fact in facts if fact],
        "quality": quality,
        **freshness,
        **build_promise_context(product),
        "changes": changes[:MAX_CHANGES],
        "version": newest.version if newest else get_initial_version(product),
        "lineage": build_table_lineage_view(person, rows[0]) if rows else None,
        "derivation": build_derivation_section(person, _build_subject(page, inputs), now),
        "usage": None if is_draft else build_product_usage(person, product, rows, readings, now),
        "similar_products": [] if is_draft else find_similar_products(person, product.pk),
    }


def _list_changes(product: DataProduct) -> list[ChangeEntry]:
    notes = ReleaseNote.objects.filter(product=product).select_related("written_by").order_by("-pk")
    revisions = list_published_revisions(product)
    return build_change_entries(revisions[:MAX_CHANGES], notes[:MAX_CHANGES], counts_notified=False)


def _build_subject(page: ProductPage, inputs: Sequence[int] | None) -> Subject:
    """One query for the product's own inputs, none for those of a draft."""
    if inputs is None:
        inputs = read_inputs(page.row)
    return Subject(page.row, tuple(one.pk for one in page.tables), tuple(inputs))
