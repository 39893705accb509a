"""What the pages of a wide table take, beside the same pages of a narrow one, in one process through Django's whole stack."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from catalog.mirror.models import Column, Table
from catalog.products.models import DataProduct, ProductTable
from demo.embedded import database_roles
from demo.embedded.child_process import EmbeddedError
from identity.people.models import Membership, Person, Team
from portal.products.views import clear_cache
from requests_app.access_requests.models import AccessRequest, RequestItem
from tools.bench.harness.timing import measure_with_processor
from tools.bench.pages.request_rows import create_session

NARROW, WIDE = 10, 2_500
"""Columns of the two tables."""
PAGES = ("a table", "a data product", "a review", "a request form")


def measure(rounds: int) -> None:
    """Prints milliseconds of the processor, by page and number of columns: the least of so many rounds, by turns."""
    owner = Person.objects.get(email="owner-0@bank.example")
    tables = Table.objects.filter(database__domain__owner_team__slug="bench", tombstoned_at=None).order_by(
        "-pk"
    )
    addresses = {
        columns: _fill_table(table, columns)
        for columns, table in zip((NARROW, WIDE), tables[:2], strict=True)
    }
    reader = Person.objects.get(email="reader-0@bank.example")
    Membership.objects.get_or_create(team=Team.objects.get(slug="readers"), person=reader)
    people = dict(zip(PAGES, (owner, reader, owner, reader), strict=True))
    clients = {name: _sign_in(person) for name, person in people.items()}
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(f"SET ROLE {database_roles.WEB}")
    found = {
        name: _measure_page(clients[name], {columns: one[name] for columns, one in addresses.items()}, rounds)
        for name in PAGES
    }
    print(json.dumps(found))


def _fill_table(table: Table, columns: int) -> Mapping[str, str]:
    """Its pages, by name; it has so many columns, and all of them are requested."""
    names = [f"measurement_{number:04}" for number in range(columns)]
    table.columns.all().delete()
    Column.objects.bulk_create(
        Column(
            table=table, name=name, position=position, type="decimal(18,2)", classification="public",
            comment=f"Measured value number {position} of the device, in units.",
        )
        for position, name in enumerate(names)
    )  # fmt: skip
    domain = table.database.domain
    assert domain is not None
    product = DataProduct.objects.create(
        slug=f"columns-{columns}", name=f"Columns {columns}", domain=domain, is_published=True,
        owner=Person.objects.get(email="owner-0@bank.example"),
    )  # fmt: skip
    ProductTable.objects.filter(table=table).delete()
    ProductTable.objects.create(product=product, table=table, position=0)
    asked, now = AccessRequest.objects.order_by("pk")[0], datetime.now(UTC)
    request = AccessRequest.objects.create(
        requester=asked.requester, team=asked.team, principal=asked.principal, idempotency_key=f"columns-{columns}",
        purpose="Reserves of the quarter, by region and by month.", submitted_at=now, ends_at=now + timedelta(days=30),
    )  # fmt: skip
    item = RequestItem.objects.create(
        request=request, requester=request.requester, table=table, product=product, columns=names,
        ends_at=request.ends_at, state_changed_at=now,
    )  # fmt: skip
    return {
        "a table": reverse("table", args=[table.pk]),
        "a data product": reverse("data-product", args=[product.slug]),
        "a review": reverse("review", args=[item.pk]),
        "a request form": f"{reverse('access-request-new')}?table={table.pk}",
    }


def _sign_in(person: Person) -> Client:
    client = Client(HTTP_HOST="127.0.0.1")
    client.cookies[settings.SESSION_COOKIE_NAME] = create_session(person)
    return client


def _measure_page(client: Client, addresses: Mapping[int, str], rounds: int) -> dict[int, float]:
    least: dict[int, float] = {}
    for number in range(rounds + 1):
        for columns, address in addresses.items():
            clear_cache()
            _seconds, used = measure_with_processor(_build_request(client, address))
            # The first round compiles templates.
            if number:
                least[columns] = min(used * 1000, least.get(columns, used * 1000))
    return least


def _build_request(client: Client, address: str) -> Callable[[], None]:
    def request() -> None:
        answer = client.get(address)
        if answer.status_code != HTTPStatus.OK:
            raise EmbeddedError(f"{address} answered {answer.status_code}: {answer.content[:300]!r}")

    return request
