"""Each main page stays within its statements and bytes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.people.models import Person
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.budgets import PAGES
from tests.portal.conftest import make_client


def choose_visitor(bank: Bank, page: str) -> Person:
    """Who works with the page: a data owner, an administrator, or else Ana, who requests."""
    if page.startswith(("/reviews/", "/data-products/{product}/access/")):
        return bank.ines
    return bank.greta if page.startswith(("/policies/", "/health/")) else bank.ana


@pytest.fixture
def address_parts(bank: Bank) -> dict[str, object]:
    """A grant, and an item that waits for its review."""
    grant = approve(bank, submit_bank_item(bank))
    role = factories.make_principal(bank.bi_account, "another")
    waiting = submit_bank_item(bank, principal=role, idempotency_key="form-2")
    return {
        "product": bank.product.slug, "table": bank.claims.pk, "grant": grant.pk, "item": waiting.pk,
        "request": waiting.request_id,
    }  # fmt: skip


@pytest.mark.all
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_within_its_budget(bank: Bank, address_parts: dict[str, object], page: str) -> None:
    client, address = make_client(choose_visitor(bank, page)), page.format(**address_parts)
    client.get(address)
    counts = []
    # Twice, as caches are read anew when a minute begins between two visits.
    for _visit in range(2):
        with CaptureQueriesContext(connection) as caught:
            answer = client.get(address)
        assert answer.status_code == 200
        counts.append(len(caught))
    found = {"statements": min(counts), "bytes": len(answer.content)}
    assert {name: count for name, count in found.items() if count > PAGES[page][name]} == {}
