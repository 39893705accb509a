"""A table of 2,500 columns: its pages stay small, and turning their pages loses no tick."""

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.mirror.models import Column
from identity.people.models import Person
from kernel import clock
from portal.products.product_context import MAX_OVERVIEW_COLUMNS
from requests_app.access_requests.models import RequestItem
from requests_app.grants.models import Grant
from requests_app.review.comments import request_changes
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.conftest import make_client
from tests.portal.form_parser import parse_every_form, parse_forms

COLUMNS = 2500
MAX_BYTES = 150_000
MAX_INSTANCES = 200
NAMES = ["claim_id", "amount", "iban", *(f"measurement_{number:04}" for number in range(COLUMNS - 3))]


@pytest.fixture
def wide(bank: Bank) -> Bank:
    Column.objects.bulk_create(
        Column(
            table=bank.claims,
            name=name,
            position=position,
            type="decimal(18,2)",
            comment=f"Measured value number {position} of the device, in units.",
            classification="public",
        )
        for position, name in enumerate(NAMES[3:], start=3)
    )
    return bank


def submit_all_columns(bank: Bank, role: str, **changes: object) -> RequestItem:
    items = [RequestedItem(bank.claims.pk, tuple(NAMES), whole_table=False, product_id=bank.product.pk)]
    principal = factories.make_principal(bank.bi_account, role)
    return submit_bank_item(bank, items=items, principal=principal, idempotency_key=role, **changes)


def list_pages(bank: Bank) -> list[tuple[Person, str]]:
    """With somebody who sees the most of each."""
    grant = approve(bank, submit_all_columns(bank, "granted"))
    waiting = submit_all_columns(bank, "waiting")
    table, role = bank.claims.pk, waiting.request.principal.arn
    return [
        (bank.ines, reverse("table", args=[table])),
        (bank.ana, reverse("data-product", args=[bank.product.slug])),
        (bank.ines, reverse("review", args=[waiting.pk])),
        (bank.ana, f"{reverse('access-request-new')}?table={table}"),
        (bank.ana, f"{reverse('access-request-new')}?database={bank.claims.database_id}"),
        (bank.ana, reverse("access-request", args=[waiting.request_id])),
        (bank.ana, reverse("grant-proof", args=[grant.pk])),
        (bank.ana, reverse("grant-query", args=[grant.pk])),
        (bank.ana, reverse("grants")),
        (bank.ines, reverse("data-product-access", args=[bank.product.slug])),
        (bank.ines, f"{reverse('access-explanation', args=[table])}?principal={role}"),
        (bank.ana, reverse("table-lineage", args=[table])),
        (bank.ana, reverse("table-impact", args=[table])),
        (bank.ana, reverse("table-sample-rows", args=[table])),
        (bank.ana, reverse("column", args=[table, NAMES[-1]])),
    ]


def test_each_page_of_a_wide_table_is_small_and_reads_few_columns(
    wide: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: Counter[str] = Counter()
    make = Column.__init__
    address = ""

    def count(column: Column, *values: object, **fields: object) -> None:
        made[address] += 1
        make(column, *values, **fields)

    pages, sizes = list_pages(wide), {}
    monkeypatch.setattr(Column, "__init__", count)
    for who, address in pages:
        sizes[address] = len(make_client(who).get(address).content)
    assert min(sizes.values()) > 1000
    assert {address: size for address, size in sizes.items() if size > MAX_BYTES} == {}
    assert {address: number for address, number in made.items() if number > MAX_INSTANCES} == {}


def test_more_columns_cost_no_more_queries(bank: Bank) -> None:
    client, address = make_client(bank.ana), reverse("table", args=[bank.claims.pk])

    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    count()
    few = count()
    for position in range(3, 500):
        Column.objects.create(table=bank.claims, name=NAMES[position], position=position, type="string")
    assert min(count(), count()) == few  # what waits for a decision is counted again after a change


def test_a_filter_and_pages_show_the_rest_without_javascript(wide: Bank) -> None:
    client, address = make_client(wide.ana), reverse("table", args=[wide.claims.pk])
    first = client.get(address).content.decode()
    assert (">measurement_0196<" in first, ">measurement_0197<" in first) == (True, False)
    assert "columns_page=2" in first
    second = client.get(address, {"columns_page": "2"}).content.decode()
    assert (">measurement_0196<" in second, ">measurement_0197<" in second) == (False, True)
    found = client.get(address, {"columns_q": "MENT_249"}).content.decode()
    assert "7 shown of 7 found, 2500 in all" in found
    fragment = client.get(address, {"columns_q": "ment_249"}, HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in fragment
    assert ">measurement_2496<" in fragment


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999", "٣"])
def test_a_page_that_is_none_shows_columns(wide: Bank, page: str) -> None:
    answer = make_client(wide.ana).get(reverse("table", args=[wide.claims.pk]), {"columns_page": page})
    assert answer.status_code == 200
    assert 'class="mono" dir="auto"' in answer.content.decode()


def test_a_product_of_many_tables_shows_some_columns_of_each(wide: Bank) -> None:
    client, columns = make_client(wide.ana), reverse("data-product-columns", args=[wide.product.slug])
    page = client.get(columns).content.decode()
    assert "200 shown of 2500 found, 2500 in all" in page
    assert f'action="{reverse("table", args=[wide.claims.pk])}"' in page
    overview = client.get(reverse("data-product", args=[wide.product.slug])).content.decode()
    assert overview.count('class="report-column"') == MAX_OVERVIEW_COLUMNS
    assert f'href="{columns}"' in overview


class TestRequestForm:
    """Each step sends what the last page had, as a browser without JavaScript does."""

    @pytest.fixture
    def form(self, wide: Bank) -> "FilledForm":
        address = f"{reverse('access-request-new')}?table={wide.claims.pk}"
        return FilledForm(make_client(wide.ana), address)

    def test_ticks_on_other_pages_are_sent(self, form: "FilledForm") -> None:
        form.tick("claim_id", "measurement_0000")
        form.press("columns_do", "page-2")
        form.tick("measurement_0300")
        form.press("columns_do", "filter", columns_q="ment_2496")
        assert form.boxes == ["measurement_2496"]
        form.tick("measurement_2496")
        form.press("columns_do", "filter", columns_q="")
        assert "4 of 2500 columns selected" in form.text
        form.untick("claim_id")
        form.press("do", "ask", purpose="Claims by month")
        asked = RequestItem.objects.get()
        assert asked.columns == ["measurement_0000", "measurement_0300", "measurement_2496"]

    def test_all_columns_can_be_requested(self, form: "FilledForm") -> None:
        form.press("columns_do", "all")
        assert "2500 of 2500 columns selected. 2300 are not shown here" in form.text
        form.press("do", "ask", purpose="Every measurement")
        assert sorted(RequestItem.objects.get().columns) == sorted(NAMES)

    def test_a_filter_that_was_typed_is_applied_before_anything_is_sent(self, form: "FilledForm") -> None:
        form.tick("claim_id")
        form.press("do", "ask", purpose="Claims by month", columns_q="ment_2")
        assert not RequestItem.objects.exists()
        assert form.values["purpose"] == ["Claims by month"]
        assert "1 of 2500 columns selected" in form.text

    def test_a_picker_that_cannot_be_read_is_refused(self, form: "FilledForm") -> None:
        for broken in ("%%%", "eJwDAAAAAAE", "ÄÖ", "AAAA"):
            assert form.send({**form.values, "do": "ask", "columns_unshown": broken}).status_code == 400


def test_a_review_of_less_keeps_the_columns_that_it_does_not_show(wide: Bank) -> None:
    item = submit_all_columns(wide, "waiting")
    form = FilledForm(make_client(wide.ines), reverse("review", args=[item.pk]))
    assert "2500 of 2500 columns selected. 2300 are not shown here and stay as they are; 2300" in form.text
    form.untick("claim_id")
    form.press("columns_do", "page-2")
    form.untick("measurement_0300")
    form.press("answer", "preview")
    assert "Approve 2498 of 2500 columns" in form.text
    form.press("answer", "approve")
    assert "Tell the requester why you approve fewer columns." in form.text
    assert not Grant.objects.exists()
    form.press("answer", "approve", comment="Two are not needed.")
    assert Grant.objects.get().item.columns == [
        n for n in item.columns if n not in {"claim_id", "measurement_0300"}
    ]


def test_a_returned_item_keeps_the_columns_that_its_form_does_not_show(wide: Bank) -> None:
    item = submit_all_columns(wide, "waiting")
    request_changes(
        acting_user=wide.ines, item_id=item.pk, comment="All of them?", idempotency_key="k", now=clock.now()
    )
    form = FilledForm(make_client(wide.ana), reverse("request-item-resubmit", args=[item.pk]))
    form.untick("claim_id")
    form.press("columns_do", "page-2")
    form.press("do", "ask", comment="One less")
    item.refresh_from_db()
    assert (len(item.columns), "claim_id" in item.columns) == (COLUMNS - 1, False)


def test_lists_of_columns_lead_to_the_rest(wide: Bank) -> None:
    grant = approve(wide, submit_all_columns(wide, "granted"))
    waiting = submit_all_columns(wide, "waiting")
    some = [RequestedItem(wide.claims.pk, ("claim_id",), whole_table=False, product_id=wide.product.pk)]
    principal = factories.make_principal(wide.bi_account, "some")
    few = submit_bank_item(wide, items=some, principal=principal, idempotency_key="some")
    ana, ines = make_client(wide.ana), make_client(wide.ines)
    columns = reverse("request-item-columns", args=[waiting.pk])

    more = f'<a class="small" href="{columns}">2450 more of 2500 columns</a>'
    assert more in ines.get(reverse("review", args=[waiting.pk])).content.decode()
    assert more in ana.get(reverse("access-request", args=[waiting.request_id])).content.decode()
    rest = f'href="{reverse("request-item-columns", args=[few.pk])}?of=rest">2449 more of 2499 columns'
    assert rest in ines.get(reverse("review", args=[few.pk])).content.decode()
    own = f'href="{reverse("request-item-columns", args=[grant.item_id])}"'
    assert own in ana.get(reverse("grants")).content.decode()
    assert own in ana.get(reverse("grant-query", args=[grant.pk])).content.decode()
    sample = ana.get(reverse("table-sample-rows", args=[wide.claims.pk])).content.decode()
    table = reverse("table", args=[wide.claims.pk])
    assert ("The first 40 of 2500 columns" in sample, f'href="{table}">All columns' in sample) == (True, True)


def test_the_columns_of_an_item_are_shown_in_pages(wide: Bank) -> None:
    some = [RequestedItem(wide.claims.pk, ("claim_id",), whole_table=False, product_id=wide.product.pk)]
    item = submit_bank_item(wide, items=some)
    address = reverse("request-item-columns", args=[item.pk])
    client = make_client(wide.ines)
    asked = client.get(address).content.decode()
    assert (">claim_id<" in asked, ">amount<" in asked) == (True, False)
    rest = client.get(address, {"of": "rest", "columns_q": "ment_249"}).content.decode()
    assert (">measurement_2496<" in rest, ">claim_id<" in rest) == (True, False)
    assert '<input type="hidden" name="of" value="rest">' in rest
    assert "columns_page=2&amp;of=rest" in client.get(address, {"of": "rest"}).content.decode().replace(
        "&of", "&amp;of"
    )
    assert make_client(factories.make_person("Sam Outis")).get(address).status_code == 404


def test_a_problem_can_be_reported_with_each_column_that_is_shown(wide: Bank) -> None:
    client, address = make_client(wide.ana), reverse("table", args=[wide.claims.pk])
    page = client.get(address, {"columns_page": "13"}).content.decode()
    form = next(one for one in parse_every_form(page, address) if one.address == reverse("problem-new"))
    assert [button.value for button in form.buttons] == NAMES[2400:]
    said = {"data_product": wide.product.slug, "table": str(wide.claims.pk), "column": NAMES[-1]}
    assert {name: form.fields[name].standing[0] for name in ("data_product", "table")}.items() <= said.items()
    assert NAMES[-1] in client.get(form.address, said).content.decode()


@pytest.mark.parametrize("name", ["table-lineage", "access-explanation"])
def test_filters_of_columns_keep_the_other_parameters(wide: Bank, name: str) -> None:
    waiting = submit_all_columns(wide, "waiting")
    said = {
        "table-lineage": {"direction": "upstream", "depth": "4", "view": "columns"},
        "access-explanation": {"principal": waiting.request.principal.arn, "column": "amount"},
    }[name]
    address = reverse(name, args=[wide.claims.pk])
    page = make_client(wide.ines).get(address, {**said, "columns_q": "ment_2"}).content.decode()
    forms = [form for form in parse_every_form(page, address) if form.method == "get"]
    kept = [
        {one: form.fields[one].standing for one in (*said, "columns_q") if one in form.fields}
        for form in forms
        if set(form.fields) & {*said, "columns_q"}
    ]
    assert len(kept) == 2
    for values in kept:
        assert {one: values[one] for one in said} == {one: [value] for one, value in said.items()}
        assert values["columns_q"] == ["ment_2"]
    link = next(
        part for part in page.split('href="') if part.startswith(address) and "columns_page=2" in part
    )
    assert all(f"{one}=" in link.partition('"')[0] for one in said)


class FilledForm:
    """The form with the columns on a page, as the server rendered it last."""

    def __init__(self, client: Client, address: str) -> None:
        self._client, self._address = client, address
        self._read(client.get(address))

    def tick(self, *names: str) -> None:
        self.values["columns"] = [*self.values.get("columns", []), *names]

    def untick(self, name: str) -> None:
        self.values["columns"].remove(name)

    def press(self, button: str, value: str, **typed: str) -> None:
        self._read(self.send({**self.values, **typed, button: value}))

    def send(self, values: dict[str, Any]) -> Any:
        return self._client.post(self._address, values)

    def _read(self, answer: Any) -> None:
        self.text = answer.content.decode()
        if answer.status_code == 200:
            form = next(one for one in parse_forms(self.text, self._address) if "columns" in one.fields)
            self.values = {
                name: list(field.standing) for name, field in form.fields.items() if field.standing
            }
            self.boxes = form.fields["columns"].values
