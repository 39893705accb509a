"""The first publication of each data product, some a month over the last year."""

import random
from datetime import datetime, timedelta

from catalog.products.models import DataProduct
from catalog.revisions.content import read_content
from catalog.revisions.models import ProductRevision, RevisionState
from catalog.revisions.versions import FIRST_VERSION, read_schemas
from identity.people.events import record_by_person
from kernel.clock import now as database_now

SEED = 20_260_102
FIRST_DAYS_AGO, LAST_DAYS_AGO = 350, 95
"""All before the history of requests."""


def seed_publications() -> int:
    """Each published product gets the revision with which it was published; returns how many there are."""
    picks, now = random.Random(SEED), database_now()
    products = list(DataProduct.objects.filter(is_published=True).select_related("owner").order_by("slug"))
    picks.shuffle(products)
    for number, product in enumerate(products):
        days = FIRST_DAYS_AGO - (FIRST_DAYS_AGO - LAST_DAYS_AGO) * number // len(products)
        if not product.revisions.exists():
            _publish(product, now - timedelta(days=days))
    return len(products)


def _publish(product: DataProduct, at: datetime) -> None:
    tables = list(product.product_tables.values_list("table", flat=True))
    data = {"number": 1, "version": FIRST_VERSION}
    ProductRevision.objects.create(
        product=product,
        number=1,
        state=RevisionState.PUBLISHED,
        content=read_content(product).to_json(),
        written_by=product.owner,
        written_at=at,
        published_by=product.owner,
        published_at=at,
        version=FIRST_VERSION,
        schemas={pk: one.to_json() for pk, one in read_schemas(tables).items()},
        event=record_by_person("publish_product_draft", product.owner, f"product:{product.pk}", data, at),
    )
