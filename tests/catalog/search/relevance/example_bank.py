"""The demo's bank as the mirror and its domains would have it, and two hundred products more; without AWS."""

from catalog.mirror import models
from demo.bank.catalog import DATABASES
from demo.bank.definitions import Database, Table
from demo.bank.lf_tags import get_database_tags, get_table_tags
from demo.seed.accounts import seed_accounts
from demo.seed.people import find_person, seed_people
from demo.seed.products import seed_products
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel import clock
from tests.catalog.indexing import index_tables
from tests.catalog.search.relevance.more_products import add_example_products
from tests.database import as_role
from tests.factories import BORN

CATALOG_OF_REGION = {"eu-central-1": "gov", "eu-west-1": "ins-euw1"}


def make_bank_catalog() -> Person:
    """Everything that search reads; returns Ana, who asks."""
    with as_role("meshmarket_owner"):
        seed_people("not used")
        seed_accounts()
    for database in DATABASES:
        _write_database(database)
    index_tables(list(models.Table.objects.values_list("pk", flat=True)))
    seed_products()
    add_example_products(find_person("clara.hofmann"))
    return find_person("ana.keller")


def _write_database(database: Database) -> None:
    row = models.Database.objects.create(
        catalog=ConnectedCatalog.objects.get(short_name=CATALOG_OF_REGION[database.region]),
        name=database.name, description=database.comment, tags=get_database_tags(database),
        glue_created_at=BORN.isoformat(), digest="0",
    )  # fmt: skip
    for table in database.tables:
        _write_table(row, table, database)


def _write_table(database: models.Database, table: Table, source: Database) -> None:
    tags = {**get_database_tags(source), **get_table_tags(table)}
    row = models.Table.objects.create(
        database=database, name=table.name, description=table.comment, owner=table.owner or source.owner,
        data_format="parquet", tags=tags, classification=tags["confidentiality"],
        classes=sorted({tags["confidentiality"], *(c.confidentiality for c in table.columns if c.confidentiality)}),
        glue_created_at=BORN.isoformat(), digest="0", mirrored_at=clock.now(),
    )  # fmt: skip
    models.Column.objects.bulk_create(
        models.Column(
            table=row, position=position, name=column.name, type=column.type, comment=column.comment,
            classification=column.confidentiality or row.classification,
        )
        for position, column in enumerate(table.columns)
    )  # fmt: skip
