"""Usage and cost on the pages: each sees what is theirs, and what is not known is told as such."""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.usage.models import PersonLastUse
from identity.people.models import Team
from kernel import clock
from tests import factories
from tests.bank import Bank
from tests.catalog.usage.samples import (
    count_queries,
    count_table_reads,
    make_query_history,
    make_trail_reading,
    run_query,
    set_price,
)
from tests.database import as_role
from tests.portal.conftest import make_client

TERABYTE = 2**40


@dataclass(frozen=True)
class UsedBank:
    """BI read claims three times yesterday and joined them with policies; ML read them once, and has no price."""

    bank: Bank
    policies: Table
    yesterday: date
    ml: Team

    @property
    def address(self) -> str:
        return f"/data-products/{self.bank.product.slug}/"

    def read(self, address: str, person: object = None) -> str:
        answer = make_client(person or self.bank.ana).get(address)  # type: ignore[arg-type]
        assert answer.status_code == 200, address
        return " ".join(answer.content.decode().split())


@pytest.fixture
def used(bank: Bank) -> UsedBank:
    now = clock.now()
    yesterday = now.date() - timedelta(days=1)
    policies = factories.make_table(bank.claims.database, "policies", ["policy_id", "holder"])
    ml = factories.make_team("Machine Learning")
    ml_account = factories.make_account(ml, name="ML")
    make_trail_reading(bank.catalog, now - timedelta(days=30), now)
    make_query_history(bank.bi_account, now)
    make_query_history(ml_account, now)
    count_table_reads(bank.claims, yesterday, 3, "AROABI", bank.bi_account.account_id)
    count_table_reads(bank.claims, yesterday, 1, "AROAML", ml_account.account_id)
    text = "SELECT c.amount FROM claims c JOIN policies p ON p.policy_id = c.claim_id"
    count_queries(bank.bi_account, [run_query(text, yesterday, 2 * TERABYTE)], [bank.claims, policies])
    count_queries(ml_account, [run_query("SELECT iban FROM claims", yesterday, TERABYTE)], [bank.claims])
    set_price(bank.bi_account, yesterday - timedelta(days=10), "5")
    return UsedBank(bank, policies, yesterday, ml)


def test_the_page_of_a_product_shows_reads_columns_and_joins_with_their_sources(used: UsedBank) -> None:
    assert "4 reads in the last 90 days, by CloudTrail." in used.read(used.address)
    page = used.read(f"{used.address}usage/")
    assert "4 reads in the last 90 days, by CloudTrail." in page
    assert "Reads: CloudTrail, complete from" in page
    assert "Athena&#x27;s query history, known since" in page
    assert "policies" in page
    assert "claim_id = policy_id" in page


def test_a_consumer_sees_the_cost_of_their_own_team_alone(used: UsedBank) -> None:
    page = used.read(f"{used.address}usage/")
    assert "Cost for your teams" in page
    assert "5.00 USD" in page
    assert "Machine Learning" not in page
    assert "1 team is not named" in page


def test_the_owner_sees_all_teams_and_that_a_price_is_missing(used: UsedBank) -> None:
    page = used.read(f"{used.address}usage/", used.bank.ines)
    assert "at least 5.00 USD" in page
    assert "no price is set for 1.0" in page
    assert "Machine Learning" in page


def test_somebody_of_no_reading_team_sees_no_cost(used: UsedBank) -> None:
    page = used.read(f"{used.address}usage/", used.bank.sam)
    assert "Not known" in page
    assert "USD" not in page
    assert "2 teams are not named" in page


def test_people_are_named_to_the_owner_only(used: UsedBank) -> None:
    facts = {
        "catalog": used.bank.catalog,
        "database": used.bank.claims.database.name,
        "table": used.bank.claims.name,
    }
    reader = factories.make_person("Ruby Reader")
    with as_role("meshmarket_worker"):
        PersonLastUse.objects.create(
            person=reader, account=used.bank.bi_account.account_id, at=clock.now(), **facts
        )
    address = f"{used.address}usage/"
    shown = [used.read(address, person) for person in (used.bank.ines, used.bank.greta, used.bank.ana)]
    assert ["Last read of each person" in page for page in shown] == [True, True, False]
    assert all("Ruby Reader" in page for page in shown[:2])


def test_a_joined_table_that_the_person_may_not_see_is_not_named(used: UsedBank) -> None:
    hidden = factories.make_product(used.bank.domain, used.bank.ines, [used.policies], name="Hidden policies")
    DataProduct.objects.filter(pk=hidden.pk).update(is_published=False)
    for address in (used.address, f"{used.address}usage/", f"/tables/{used.bank.claims.pk}/"):
        assert "policies" not in used.read(address, used.bank.sam).replace("Policies</a>", "")
    assert "policies" in used.read(f"{used.address}usage/", used.bank.ines)


def test_days_without_log_files_are_unknown_and_days_without_a_read_are_none(used: UsedBank) -> None:
    api = (
        make_client(used.bank.ana).get(f"/api/v1/data-products/{used.bank.product.slug}/usage?days=90").json()
    )
    by_day = {row["day"]: row["reads"] for row in api["days"]}
    assert len(by_day) == 90
    assert by_day[str(used.yesterday)] == 4
    assert by_day[str(used.yesterday - timedelta(days=5))] == 0
    assert by_day[str(used.yesterday - timedelta(days=60))] is None


def test_an_account_that_hides_its_queries_is_named_to_the_owner(used: UsedBank) -> None:
    account = factories.make_account(factories.make_team("Partner"), name="Actuaries")
    make_query_history(account, clock.now(), trouble="User is not authorized")
    count_table_reads(used.bank.claims, used.yesterday, 1, "AROAPARTNER", account.account_id)
    note = "the account Actuaries does not let us read its query history"
    assert note in used.read(f"{used.address}usage/", used.bank.ines)
    page = used.read(f"{used.address}usage/")
    assert note not in page
    assert "Use is not known for 1 account whose query history is not read." in page


def test_a_product_of_which_nothing_is_known_says_so(bank: Bank) -> None:
    page = make_client(bank.ana).get(f"/data-products/{bank.product.slug}/").content.decode()
    assert "Usage is not known" in page


def test_the_list_shows_costs_by_each_group(used: UsedBank) -> None:
    used.bank.bi_account.cost_centre = "CC-31"
    used.bank.bi_account.save()
    for group, words in (
        ("product", used.bank.product.name),
        ("team", "BI"),
        ("cost_centre", "CC-31"),
        ("month", str(used.yesterday.year)),
    ):
        page = used.read(f"/usage/?by={group}&days=30")
        assert words in page
        assert "USD" in page
        assert "Machine Learning" not in page
    assert "Machine Learning" in used.read("/usage/?by=team", used.bank.greta)


@pytest.mark.parametrize("query", ["days=7&by=nothing&page=x", "days=", "days=1e9&by="])
def test_an_address_that_makes_no_sense_shows_the_usual_list(used: UsedBank, query: str) -> None:
    assert used.bank.product.name in used.read(f"/usage/?{query}")


def test_the_file_has_an_empty_cell_for_what_is_not_known(used: UsedBank) -> None:
    answer = make_client(used.bank.greta).get("/usage/file/?by=team&days=90")
    rows = {row["team"]: row for row in csv.DictReader(io.StringIO(answer.getvalue().decode()))}
    assert rows["BI"]["cost"] == "10.0000 USD"
    assert rows["Machine Learning"]["cost"] == ""
    assert rows["Machine Learning"]["bytes_without_price"] == str(TERABYTE)


def test_the_usage_of_a_team_is_for_its_members_and_governance(used: UsedBank) -> None:
    address = f"/teams/{used.bank.bi.slug}/usage/"
    assert "10.00 USD" in used.read(address)
    assert "10.00 USD" in used.read(address, used.bank.greta)
    assert make_client(used.bank.sam).get(address).status_code == 404
    assert address in used.read(f"/teams/{used.bank.bi.slug}/")
    assert address not in used.read(f"/teams/{used.bank.bi.slug}/", used.bank.sam)


def test_a_price_counts_from_its_day(used: UsedBank) -> None:
    set_price(used.bank.bi_account, used.yesterday, "7.5")
    set_price(used.bank.bi_account, used.yesterday + timedelta(days=1), "99")
    assert "15.00 USD" in used.read(f"/teams/{used.bank.bi.slug}/usage/")


def test_a_column_tells_in_how_many_queries_it_was_used(used: UsedBank) -> None:
    pk = used.bank.claims.pk
    assert "1 in the last 90 days" in used.read(f"/tables/{pk}/columns/iban/", used.bank.ines)
