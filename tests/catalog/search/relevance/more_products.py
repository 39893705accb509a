"""Two hundred products more than the demo has, so that a search must choose: what a bank's domains would publish.

The lists are in `products.txt`: a domain, then a line a product with its name, summary, keywords and columns.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.utils.text import slugify

from catalog.mirror import models
from catalog.products import models as products_models
from catalog.search.index.indexing import index_products
from identity.accounts import ConnectedCatalog
from identity.people.models import Person, Team
from kernel import clock
from tests.catalog.indexing import index_tables
from tests.factories import BORN


class ExampleProduct(NamedTuple):
    domain: str
    name: str
    summary: str
    keywords: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def slug(self) -> str:
        return slugify(self.name)


def read_example_products() -> Iterator[ExampleProduct]:
    domain = ""
    for line in Path(__file__).with_name("products.txt").read_text().splitlines():
        if line.startswith("#"):
            domain = line.removeprefix("# ")
        elif line:
            name, summary, keywords, columns = (part.strip() for part in line.split("|"))
            yield ExampleProduct(
                domain, name, summary, tuple(keywords.split(", ")), tuple(columns.split(", "))
            )


def add_example_products(owner: Person) -> None:
    """A domain, a team and a database each; a table of its name for every product."""
    catalog = ConnectedCatalog.objects.get(short_name="gov")
    databases: dict[str, models.Database] = {}
    for each in read_example_products():
        if each.domain not in databases:
            slug = slugify(each.domain)
            team = Team.objects.create(slug=f"{slug}-team", name=f"{each.domain} Team")
            domain = products_models.Domain.objects.create(slug=slug, name=each.domain, owner_team=team)
            databases[each.domain] = models.Database.objects.create(
                catalog=catalog, domain=domain, name=f"{slug.replace('-', '_')}_gold", digest="0",
                glue_created_at=BORN.isoformat(),
            )  # fmt: skip
        _add_product(each, databases[each.domain], owner)
    index_tables(list(models.Table.objects.values_list("pk", flat=True)))
    index_products()


def _add_product(each: ExampleProduct, database: models.Database, owner: Person) -> None:
    table = models.Table.objects.create(
        database=database, name=each.slug.replace("-", "_"), description=each.summary, data_format="parquet",
        tags={"tier": "gold"}, classification="private", classes=["private"], digest="0",
        glue_created_at=BORN.isoformat(), mirrored_at=clock.now(),
    )  # fmt: skip
    models.Column.objects.bulk_create(
        models.Column(table=table, position=at, name=name, type="string", classification="private")
        for at, name in enumerate(each.columns)
    )
    product = products_models.DataProduct.objects.create(
        slug=each.slug, name=each.name, summary=each.summary, keywords=list(each.keywords), tier="gold",
        domain=products_models.Domain.objects.get(pk=database.domain_id or 0), owner=owner, refresh="daily",
    )  # fmt: skip
    products_models.ProductTable.objects.create(product=product, table=table)
