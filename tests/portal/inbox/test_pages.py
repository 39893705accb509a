"""The inbox's page: risk in words, filters and order in the address, and the same few queries at any length."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kernel import clock
from portal.pages.inbox_query import build_query_url, parse_inbox_query
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.review.inbox.counts import clear_cache
from requests_app.review.inbox.queries import PAGE_SIZE, InboxOrder, InboxQuery, InboxScope
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, submit_bank_item, submit_bank_request
from tests.database import without_triggers
from tests.portal.conftest import make_client

MANY = 2_000
DEMO_BAR = 3
"""Queries of the bar that the demo puts on each page: tests run with its settings."""
HTMX = {"HX-Request": "true"}


def generate_items(bank: Bank, count: int) -> None:
    """So many requests of Ana's that wait, with risks of all sizes."""
    now = clock.now()
    common = {
        "requester": bank.ana,
        "team": bank.bi,
        "principal": bank.role,
        "purpose": "Generated for a test",
    }
    times = {"submitted_at": now, "ends_at": now + timedelta(days=9)}
    asked = AccessRequest.objects.bulk_create(
        AccessRequest(**common, **times, idempotency_key=f"many-{number}") for number in range(count)
    )
    clear_cache()
    RequestItem.objects.bulk_create(
        RequestItem(
            request=one, requester=bank.ana, table=bank.claims, columns=["claim_id"], ends_at=one.ends_at,
            state_changed_at=now, risk=one.pk % 90, product=bank.product,
        )
        for one in asked
    )  # fmt: skip


def count_queries(bank: Bank, address: str) -> int:
    client = make_client(bank.ines)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught) - DEMO_BAR


def test_the_risk_is_explained_in_words(bank: Bank) -> None:
    item = RequestedItem(bank.claims.pk, ("iban",), whole_table=False, product_id=bank.product.pk)
    submit_bank_item(bank, items=[item], ends_at=clock.now() + timedelta(days=100))
    page = make_client(bank.ines).get("/reviews/").content.decode()
    assert "Medium risk</strong>: sensitive columns, for 100 days" in page


def test_an_address_says_what_is_sought_and_nonsense_counts_for_nothing() -> None:
    sought = InboxQuery(
        scope=InboxScope.ALL, domain="insurance", classification="sensitive", kind="rows", min_waiting_days=7,
        order=InboxOrder.OLDEST, after=(40, 17),
    )  # fmt: skip
    said = dict(part.split("=") for part in urlsplit(build_query_url(sought)).query.split("&"))
    assert parse_inbox_query(said) == sought
    assert build_query_url(InboxQuery()) == "?"
    nonsense = {"whose": "x", "kind": "x", "days": "-1", "order": "x", "after": "x-1", "classification": "x"}
    assert parse_inbox_query(nonsense) == InboxQuery()


def test_pages_lead_on_by_key_and_back_to_the_start(bank: Bank) -> None:
    generate_items(bank, PAGE_SIZE + 1)
    client = make_client(bank.ines)
    first = client.get("/reviews/?order=oldest")
    following = first.context["inbox_list"].next_url
    assert f'href="{following.replace("&", "&amp;")}"' in first.content.decode()
    second = client.get("/reviews/" + following)
    assert (len(first.context["inbox_list"].rows), len(second.context["inbox_list"].rows)) == (PAGE_SIZE, 1)
    assert second.context["inbox_list"].next_url == ""
    assert 'href="?order=oldest"' in second.content.decode()


def test_to_htmx_the_list_alone(bank: Bank) -> None:
    submit_bank_item(bank)
    part = make_client(bank.ines).get("/reviews/?kind=columns", headers=HTMX).content.decode()
    assert part.lstrip().startswith('<div class="stack inbox" id="waiting"')
    assert "data-row" in part


def test_rows_stand_in_sections_with_the_selected_one_beside_them(bank: Bank) -> None:
    item, late = submit_bank_item(bank), submit_for_another_role(bank)
    with without_triggers():
        RequestItem.objects.filter(pk=late.pk).update(
            state_changed_at=clock.now() - timedelta(hours=50, minutes=30)
        )
    clear_cache()
    client = make_client(bank.ines)
    page = client.get("/reviews/")
    sections = page.context["inbox_list"].sections
    assert (sections[0].title, len(sections)) == ("Overdue", 2)
    assert [row.item.pk for section in sections for row in section.rows] == [late.pk, item.pk]
    assert "overdue by 26 hours" in page.content.decode()
    assert page.context["preview"].item.pk == late.pk
    assert client.get(f"/reviews/?selected=item-{item.pk}").context["preview"].item.pk == item.pk
    part = client.get(f"/reviews/?selected=item-{item.pk}", headers={**HTMX, "HX-Target": "preview"})
    assert part.content.decode().lstrip().startswith('<section class="inbox-preview" id="preview"')


def submit_for_another_role(bank: Bank) -> RequestItem:
    role = factories.make_principal(bank.bi_account, "another")
    return submit_bank_request(bank, principal=role, idempotency_key="another").items.get()


def test_a_filter_that_finds_nothing_leads_back(bank: Bank) -> None:
    submit_bank_item(bank)
    page = make_client(bank.ines).get("/reviews/?kind=metadata").content.decode()
    assert "No matching items" in page


def test_who_asked_sees_theirs_under_all_without_being_able_to_decide(bank: Bank) -> None:
    item = submit_bank_item(bank)
    page = make_client(bank.ana).get("/reviews/?whose=all")
    assert reverse("review", args=[item.pk]) in page.content.decode()
    assert [row.may_decide for row in page.context["inbox_list"].rows] == [False]
    assert not make_client(bank.sam).get("/reviews/?whose=all").context["inbox_list"].rows


@pytest.mark.parametrize(
    ("address", "first", "again"),
    [("/reviews/", 13, 5), ("/reviews/?whose=all&order=newest", 15, 5), ("/reviews/?whose=teams", 15, 5)],
)
def test_a_longer_inbox_costs_no_more_queries(bank: Bank, address: str, first: int, again: int) -> None:
    for makes in (generate_items, generate_more_items):
        makes(bank, 2)
        clear_cache()
        assert (count_queries(bank, address), count_queries(bank, address)) == (first, again)


def generate_more_items(bank: Bank, count: int) -> None:
    for number in range(2 + count):
        role = factories.make_principal(bank.bi_account, f"role-{number}")
        submit_bank_request(bank, principal=role, idempotency_key=str(number))


@pytest.mark.all
def test_two_thousand_cost_no_more_queries_than_two(bank: Bank) -> None:
    generate_items(bank, 2)
    few = count_queries(bank, "/reviews/")
    RequestItem.objects.update(state="withdrawn")
    with without_triggers():
        AccessRequest.objects.update(idempotency_key=Concat(Value("before-"), "idempotency_key"))
    generate_items(bank, MANY)
    clear_cache()
    assert count_queries(bank, "/reviews/") == few
    client = make_client(bank.ines)
    page = client.get("/reviews/")
    assert "2000 items wait" in page.content.decode().replace(",", "")
    assert (
        len(client.get("/reviews/" + page.context["inbox_list"].next_url).context["inbox_list"].rows)
        == PAGE_SIZE
    )
