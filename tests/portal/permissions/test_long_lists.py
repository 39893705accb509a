"""Thousands of permissions take as many queries as a few, and no more on the page than one looks at."""

from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedPermission
from fulfilment.permissions.models import DriftFinding
from kernel import clock
from lakeformation.drift import DifferenceKind
from portal.permissions.presenters import MAX_GRANTS
from portal.permissions.views import FINDINGS_PER_PAGE, PAGE_SIZE
from requests_app.grants.models import Grant
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.portal.conftest import make_client


def add_permissions(bank: Bank, numbers: Sequence[int]) -> None:
    """SELECT on a table each, of roles that nobody here knows."""
    common = {"catalog": bank.catalog, "database": "insurance_gold", "verb": "SELECT", "seen_at": clock.now()}
    with as_role("meshmarket_worker"):
        ObservedPermission.objects.bulk_create(
            ObservedPermission(
                principal_arn=f"arn:aws:iam::999999999999:role/r{number}", table=f"t{number}",
                columns={"include": [f"c{number % 7}"]}, **common,
            )
            for number in numbers
        )  # fmt: skip


def add_findings(bank: Bank, numbers: Sequence[int]) -> None:
    now = clock.now()
    times = {"first_seen_at": now, "last_seen_at": now}
    with as_role("meshmarket_worker"):
        DriftFinding.objects.bulk_create(
            DriftFinding(
                catalog=bank.catalog, kind=DifferenceKind.LINK_DROPPED, key=str(number), text=f"link {number} was dropped",
                database="insurance_gold", **times,
            )
            for number in numbers
        )  # fmt: skip


def get_ledger_address(bank: Bank, query: str = "") -> str:
    """`query` begins with a question mark; a pager's has the catalog already."""
    first = "" if "catalog=" in query else f"catalog={bank.catalog.short_name}&"
    return f"{reverse('permissions')}?{first}{query.removeprefix('?')}"


def count_queries(bank: Bank) -> int:
    """Of a second look, when what the frame keeps for a while is there."""
    client = make_client(bank.ines)
    client.get(get_ledger_address(bank))
    with CaptureQueriesContext(connection) as caught:
        assert client.get(get_ledger_address(bank)).status_code == 200
    return len(caught)


def check_query_count(bank: Bank, many: int) -> None:
    approve(bank, submit_bank_item(bank))
    add_permissions(bank, range(2))
    add_findings(bank, range(2))
    few = count_queries(bank)
    add_permissions(bank, range(2, many))
    add_findings(bank, range(2, many))
    assert count_queries(bank) == few <= 36
    page = make_client(bank.ines).get(get_ledger_address(bank))
    assert (len(page.context["rows"]), len(page.context["findings"])) == (PAGE_SIZE, FINDINGS_PER_PAGE)
    assert page.context["total"] == many + 2


def test_a_longer_ledger_costs_no_more_queries(bank: Bank) -> None:
    check_query_count(bank, PAGE_SIZE + 5)


@pytest.mark.all
def test_two_thousand_permissions_cost_no_more_queries_than_two(bank: Bank) -> None:
    check_query_count(bank, 2_000)


def test_findings_have_pages_of_their_own_beside_those_of_the_lines(bank: Bank) -> None:
    add_permissions(bank, range(PAGE_SIZE + 1))
    add_findings(bank, range(FINDINGS_PER_PAGE + 1))
    ines = make_client(bank.ines)
    last = ines.get(
        get_ledger_address(
            bank, ines.get(get_ledger_address(bank, "?kind=unmanaged")).context["pager"].next_url
        )
    )
    onwards = last.context["findings_pager"].next_url
    assert onwards.startswith(f"?catalog={bank.catalog.short_name}&kind=unmanaged&after=")
    second = ines.get(get_ledger_address(bank, onwards))
    assert [found.finding.text for found in second.context["findings"]] == ["link 0 was dropped"]
    assert [row.line for row in second.context["rows"]] == [row.line for row in last.context["rows"]]
    back = second.context["pager"].previous_url
    assert back.startswith(f"?catalog={bank.catalog.short_name}&kind=unmanaged&findings=2&before=")


def test_a_page_says_which_lines_it_has_there_and_back(bank: Bank) -> None:
    add_permissions(bank, range(PAGE_SIZE + 1))
    ines = make_client(bank.ines)
    first = ines.get(get_ledger_address(bank)).context
    last = ines.get(get_ledger_address(bank, first["pager"].next_url)).context
    assert [(p.first, p.last, p.total) for p in (first["pager"], last["pager"])] == [
        (1, 50, 51),
        (51, 51, 51),
    ]
    again = ines.get(get_ledger_address(bank, last["pager"].previous_url)).context
    assert (again["rows"], again["pager"]) == (first["rows"], first["pager"])
    assert ines.get(get_ledger_address(bank, "?after=somebody-wrote-this")).context["rows"] == first["rows"]


def test_what_somebody_knows_of_comes_after_what_nobody_does(bank: Bank) -> None:
    add_findings(bank, range(3))
    DriftFinding.objects.filter(key="2").update(
        known_at=clock.now(), known_by=bank.ines, known_reason="Planned"
    )
    page = make_client(bank.ines).get(get_ledger_address(bank))
    assert [found.finding.key for found in page.context["findings"]] == ["1", "0", "2"]


def test_of_many_grants_behind_a_line_the_latest_are_named_and_the_file_has_all(bank: Bank) -> None:
    grants = [
        approve(
            bank,
            submit_bank_item(bank, idempotency_key=str(number), ends_at=factories.days_from_now(9 + number)),
        )
        for number in range(MAX_GRANTS + 1)
    ]
    assert Intent.objects.count() == Grant.objects.count() == len(grants)
    ines = make_client(bank.ines)
    lines = ines.get(get_ledger_address(bank)).context["rows"]
    assert {(len(row.grants), row.more_grants) for row in lines} == {(MAX_GRANTS, 1)}
    assert grants[0] not in lines[0].grants
    assert "and 1 more" in ines.get(get_ledger_address(bank)).content.decode()
    file = ines.get(f"{reverse('permissions')}?catalog={bank.catalog.short_name}&format=csv").content.decode()
    assert " ".join(str(grant.pk) for grant in grants) in file
