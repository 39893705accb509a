"""Fills usage rows of many tables and accounts, and sums them up as the pages do."""

import json
from datetime import date
from typing import Any

from django.db import connection

from catalog.mirror.models import Table
from catalog.product_usage.costs import CostExtent, CostGroup, list_costs, list_product_reads
from catalog.product_usage.product_report import UsageExtent, build_usage_report, get_first_day
from catalog.products.models import DataProduct, Domain, ProductTable
from identity.accounts import ConnectedCatalog
from identity.people.models import Person, Team
from kernel import clock
from tools.bench.harness.timing import measure_in_turns, measure_seconds

PRODUCTS, ACCOUNTS, DAYS, ROUNDS = 200, 10, 250, 7
PERIOD = 365
EVERYTHING = CostExtent(True, frozenset(), frozenset())
_FILL = (
    """INSERT INTO identity_account (account_id, name, partition, region, team_id, line_of_business, cost_centre, environment,
        is_governance, is_producer, is_consumer, in_organisation, gold_location, observer_role_arn, executor_role_arn, external_id,
        table_links)
      SELECT lpad(n::text, 12, '7'), 'Account ' || n, 'aws', 'eu-central-1', %(team)s, '', 'CC-' || n %% 3, 'production',
        n = 0, n = 0, n > 0, true, '', 'arn:aws:iam::' || lpad(n::text, 12, '7') || ':role/o',
        'arn:aws:iam::' || lpad(n::text, 12, '7') || ':role/e', 'x', '{}' FROM generate_series(0, %(accounts)s) n""",
    """INSERT INTO identity_connectedcatalog (account_id, region, path, kind, short_name, location_role_arn, holds_new_columns)
      SELECT id, 'eu-central-1', '', 'governance', 'bench', '', false FROM identity_account WHERE is_governance""",
    """INSERT INTO catalog_scanprice (account_id, valid_from, per_terabyte, currency)
      SELECT id, %(today)s::date - days, 5, 'USD' FROM identity_account, unnest(ARRAY[900, 90]) days WHERE is_consumer""",
    """INSERT INTO catalog_usageday (catalog_id, database, "table", day, reader, account, reads)
      SELECT catalog.id, 'gold', 't' || n %% %(tables)s, %(today)s::date - (n / %(tables)s %% %(days)s)::int,
        'AROA' || (n / %(tables)s / %(days)s), lpad((1 + n / %(tables)s / %(days)s %% %(accounts)s)::text, 12, '7'), 1 + n %% 7
      FROM identity_connectedcatalog catalog, generate_series(0, %(rows)s - 1) n""",
    """INSERT INTO catalog_queryday (account_id, day, reader, catalog_id, database, "table", queries, failed, unreadable,
        scanned_bytes, billed_bytes)
      SELECT account.id, %(today)s::date - (n / %(tables)s %% %(days)s)::int, 'AROA' || (n / %(tables)s / %(days)s), catalog.id, 'gold',
        't' || n %% %(tables)s, 1 + n %% 5, 0, 0, (1 + n %% 900) * 1048576, (1 + n %% 900) * 1048576
      FROM identity_connectedcatalog catalog, generate_series(0, %(rows)s - 1) n
      JOIN identity_account account ON account.account_id = lpad((1 + n / %(tables)s / %(days)s %% %(accounts)s)::text, 12, '7')""",
)
_LOOKUP = 'SELECT sum(reads) FROM catalog_usageday WHERE catalog_id = %s AND database = %s AND "table" = %s AND day >= %s'


def measure(rows: int) -> None:
    """Prints the figures as JSON."""
    products, today = _fill(rows), clock.now().date()
    since, short = get_first_day(today, PERIOD), get_first_day(today, 90)
    ids = [product.pk for product in products]
    found = {
        "reads_s": measure_seconds(lambda: list_product_reads(ids, since)),
        "product_costs_s": measure_seconds(lambda: list_costs(EVERYTHING, CostGroup.PRODUCT, since, ids)),
        "team_costs_s": measure_seconds(lambda: list_costs(EVERYTHING, CostGroup.TEAM, since, ids)),
        "month_costs_s": measure_seconds(lambda: list_costs(EVERYTHING, CostGroup.MONTH, since, ids)),
    }
    person = Person.objects.create_user("bench@usage.example", "Bench")
    table = Table.objects.select_related("database").earliest("pk")
    extent = UsageExtent(True, None)
    lookup, page = measure_in_turns(
        lambda: _look_up(table, short),
        lambda: build_usage_report(person, [table], extent, short),
        rounds=ROUNDS,
    )
    print(json.dumps(found | {"lookup_ms": lookup * 1000, "page_ms": page * 1000}))


def _fill(rows: int) -> list[DataProduct]:
    tables = max(PRODUCTS, rows // (ACCOUNTS * DAYS))
    team = Team.objects.create(slug="bench-usage", name="Bench")
    values: dict[str, Any] = {
        "team": team.pk, "accounts": ACCOUNTS, "days": DAYS, "rows": rows, "tables": tables, "today": clock.now().date(),
    }  # fmt: skip
    with connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement, values)
    products = _make_products(team, tables)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return products


def _make_products(team: Team, tables: int) -> list[DataProduct]:
    """Each of some tables, whose names are those of the rows."""
    owner = Person.objects.create_user("owner@usage.example", "Owner")
    domain = Domain.objects.create(slug="bench-usage", name="Bench", owner_team=team)
    now = clock.now()
    database = domain.databases.create(
        catalog=ConnectedCatalog.objects.get(), name="gold", digest="0", glue_created_at="bench"
    )
    rows = [
        Table(database=database, name=f"t{number}", digest="0", glue_created_at="bench", mirrored_at=now)
        for number in range(tables)
    ]
    Table.objects.bulk_create(rows)
    products = [
        DataProduct.objects.create(
            slug=f"bench-{number}", name=f"Bench {number}", domain=domain, owner=owner, is_published=True
        )
        for number in range(PRODUCTS)
    ]
    links = [
        ProductTable(product=products[number % PRODUCTS], table=table, position=1 + number // PRODUCTS)
        for number, table in enumerate(rows)
    ]
    ProductTable.objects.bulk_create(links)
    return products


def _look_up(table: Table, since: date) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(_LOOKUP, [table.database.catalog_id, table.database.name, table.name, since])
        return cursor.fetchall()
