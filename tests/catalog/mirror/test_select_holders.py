"""What roles hold is found by indexes: of a million tables none is read that they do not hold."""

import re

import pytest
from django.db import connection

from catalog.mirror.models import Database, Table
from catalog.mirror.queries import SELECT_HOLDERS_SQL
from demo.embedded import database_roles
from fulfilment.observations.models import ObservedPermission
from identity.accounts import ConnectedCatalog
from kernel import clock
from tests.catalog.sample_catalog import make_sample_catalog
from tests.database import as_role

MANY = 400
pytestmark = pytest.mark.django_db


def test_what_a_role_holds_is_looked_up_by_its_arn_and_by_names() -> None:
    catalog = make_sample_catalog().unlisted_table.database.catalog
    databases = Database.objects.bulk_create(
        Database(catalog=catalog, name=f"d_{number}", digest="0") for number in range(MANY)
    )
    Table.objects.bulk_create(
        Table(database=database, name=f"t_{number}", digest="0", mirrored_at=clock.now())
        for database in databases[:5]
        for number in range(MANY)
    )
    with as_role(database_roles.WORKER):
        ObservedPermission.objects.bulk_create(held_by_another(catalog, number) for number in range(MANY))
    with as_role(database_roles.OWNER), connection.cursor() as cursor:
        cursor.execute("ANALYZE catalog_database, catalog_table, fulfilment_observedpermission")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(
            f"EXPLAIN SELECT FROM ({SELECT_HOLDERS_SQL}) AS seen WHERE seen.arn = ANY(ARRAY['arn:aws:iam::1:role/r'])"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    looked_up = [line for line in plan.splitlines() if "Index Cond" in line]
    # An index that holds all that is asked for is told of without the cast.
    for name in (r"principal_arn(\)::text)? = ANY", r"\(o\.database\)::text", r"\(o\.\"table\"\)::text"):
        assert any(re.search(name, line) for line in looked_up), plan
    assert "Join Filter" not in plan, plan


def held_by_another(catalog: ConnectedCatalog, number: int) -> ObservedPermission:
    """With none at all, any index of what is held costs the same, and chance would say which is taken."""
    return ObservedPermission(
        catalog=catalog, principal_arn=f"arn:aws:iam::9:role/r{number}", database=f"d_{number}", table="t_1",
        verb="SELECT", columns={"include": []}, seen_at=clock.now(),
    )  # fmt: skip
