"""Sample rows on the page of a table, made-up ones, and profiles."""

from django.urls import reverse

from fulfilment.intents.models import Intent
from identity.people.models import Membership
from kernel import clock
from requests_app.data_queries.models import DataQuery, TableProfile
from requests_app.data_queries.progress import fail_query
from requests_app.data_queries.states import QueryProblem
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.data_queries import finish_query, grant_columns
from tests.database import as_role
from tests.engine_readings import write_presence
from tests.portal.conftest import make_client

REFUSAL = "User: arn:aws:sts::111111111111:assumed-role/meshmarket-worker/x is not authorized to perform: sts:AssumeRole"


def request_sample(bank: Bank) -> DataQuery:
    address = reverse("table-sample-rows", args=[bank.claims.pk])
    assert make_client(bank.ana).post(address).status_code == 302
    return DataQuery.objects.get(kind="sample")


def read_page(bank: Bank, person: str = "ana", name: str = "table-sample-rows") -> str:
    answer = make_client(getattr(bank, person)).get(reverse(name, args=[bank.claims.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_who_holds_nothing_sees_made_up_rows_that_say_so(bank: Bank) -> None:
    page = read_page(bank)
    assert "These rows are made up" in page
    assert "Read sample rows" not in page
    assert make_client(bank.ana).post(reverse("table-sample-rows", args=[bank.claims.pk])).status_code == 422


def test_a_sample_waits_and_is_shown_to_who_asked_alone(bank: Bank) -> None:
    grant_columns(bank, "claim_id")
    query = request_sample(bank)
    waiting = read_page(bank)
    assert "Look again" in waiting
    assert "hx-trigger" in waiting
    finish_query(query, [["C-4711"]])
    for name in ("table-sample-rows", "table"):
        page = read_page(bank, name=name)
        assert "C-4711" in page
        assert "Expires in 5 minutes" in page
    assert "C-4711" not in read_page(bank, "ines")


def test_what_a_role_refused_is_said_before_it_is_tried_again(bank: Bank) -> None:
    """With when, and what to do: the statement is for who can add it."""
    grant_columns(bank, "claim_id")
    refuse_workers(bank, request_sample(bank))
    assert_refused(read_page(bank))
    other = factories.make_table(bank.claims.database, "policies", ("claim_id",))
    asked = RequestedItem(other.pk, ("claim_id",), False, None)
    grant = approve(bank, submit_bank_item(bank, items=[asked], idempotency_key="policies"))
    write_presence(
        grant.intent, Intent.Presence.PRESENT, catalog=bank.catalog, consumer=bank.bi_account, usable=True
    )
    address = reverse("table", args=[other.pk])
    page = make_client(bank.ana).get(address).content.decode()
    assert_refused(page)
    assert "See up to 20 rows" not in page
    assert "Nobody is named as an account admin of BI." in page
    admin = factories.make_person("Ada Admin")
    factories.add_members(bank.bi_account.team, Membership.Role.ACCOUNT_ADMIN, [admin])
    page = make_client(bank.ana).get(address).content.decode()
    assert_refused(page)
    assert "Ask Ada Admin, who can allow it" in page
    page = make_client(admin).get(address).content.decode()
    assert "Add this statement to the role" in page
    assert "arn:aws:iam::111111111111:role/meshmarket-worker" in page
    assert bank.bi_account.external_id in page


def assert_refused(page: str) -> None:
    assert "does not let the marketplace" in page
    assert "Last tried on" in page
    assert "Trust statement" not in page
    assert "sts:ExternalId" not in page


def test_a_role_that_let_the_workers_in_since_is_not_blamed(bank: Bank) -> None:
    grant_columns(bank, "claim_id")
    refuse_workers(bank, request_sample(bank))
    assert make_client(bank.ana).post(reverse("table-sample-rows", args=[bank.claims.pk])).status_code == 302
    finish_query(DataQuery.objects.latest("pk"), [["C-4711"]])
    assert "does not let the marketplace" not in read_page(bank)


def refuse_workers(bank: Bank, query: DataQuery) -> None:
    with as_role("meshmarket_worker"):
        found = DataQuery.objects.select_related("table__database", "principal").get(pk=query.pk)
        fail_query(found, QueryProblem.NOT_TRUSTED, REFUSAL, clock.now())


def test_values_of_a_profile_are_for_those_who_may_read_them(bank: Bank) -> None:
    bank.claims.columns.filter(name="amount").update(classification="private")
    counts = {"nulls": 1, "distinct": 7, "least": "12", "greatest": "98765"}
    with as_role("meshmarket_worker"):
        TableProfile.objects.create(
            table=bank.claims, columns={"amount": counts, "iban": counts}, row_count=9, measured_at=clock.now(), requested_by=bank.ines
        )  # fmt: skip
    assert "98765" in read_page(bank, "ines", "table")
    page = read_page(bank, "ana", "table")
    assert "Counted by a query of 9 rows" in page
    assert "98765" not in page
    grant_columns(bank, "amount")
    assert "98765" in read_page(bank, "ana", "table")


def test_values_of_all_rows_are_hidden_from_those_who_read_some(bank: Bank) -> None:
    bank.claims.columns.filter(name="amount").update(classification="private")
    counts = {"nulls": 1, "distinct": 7, "least": "12", "greatest": "98765"}
    with as_role("meshmarket_worker"):
        TableProfile.objects.create(
            table=bank.claims, columns={"amount": counts}, row_count=9, measured_at=clock.now(), requested_by=bank.ines
        )  # fmt: skip
    item = RequestedItem(bank.claims.pk, ("amount",), False, bank.product.pk, "amount = '7'")
    grant = approve(bank, submit_bank_item(bank, items=[item]))
    write_presence(grant.intent, Intent.Presence.PRESENT, catalog=bank.catalog, consumer=bank.bi_account)
    page = read_page(bank, "ana", "table")
    assert "Counted by a query of 9 rows" in page
    assert "98765" not in page
    address = reverse("api-table-profile", args=[bank.claims.pk])
    [column] = make_client(bank.ana).get(address).json()["columns"]
    assert (column["distinct_count"], column["least"], column["greatest"]) == (7, None, None)
    [column] = make_client(bank.ines).get(address).json()["columns"]
    assert column["greatest"] == "98765"
