"""A ledger of thousands: as many queries as a short one, and no more on the page than one looks at."""

from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from fulfilment.intents.models import Intent
from fulfilment.ledger.models import Finding
from fulfilment.observations.models import Observed
from lakeformation.drift.differences import Kind
from portal.permissions.presenters import MOST_GRANTS
from portal.permissions.views import A_PAGE, FINDINGS
from requests_app.grants.models import Grant
from tests import factories
from tests.bank import Bank, approve, asked_item
from tests.database import as_role
from tests.portal.conftest import signed_in


def permissions(bank: Bank, numbers: Sequence[int]) -> None:
    """SELECT on a table each, of roles that nobody here knows."""
    common = {"catalog": bank.catalog, "database": "insurance_gold", "verb": "SELECT", "seen_at": clock.now()}
    with as_role("meshmarket_worker"):
        Observed.objects.bulk_create(
            Observed(
                principal_arn=f"arn:aws:iam::999999999999:role/r{number}", table=f"t{number}",
                columns={"include": [f"c{number % 7}"]}, **common,
            )
            for number in numbers
        )  # fmt: skip


def findings(bank: Bank, numbers: Sequence[int]) -> None:
    now = clock.now()
    times = {"first_seen_at": now, "last_seen_at": now}
    with as_role("meshmarket_worker"):
        Finding.objects.bulk_create(
            Finding(
                catalog=bank.catalog, kind=Kind.LINK_DROPPED, key=str(number), text=f"link {number} was dropped",
                database="insurance_gold", **times,
            )
            for number in numbers
        )  # fmt: skip


def ledger(bank: Bank, query: str = "") -> str:
    """`query` begins with a question mark; a pager's has the catalog already."""
    first = "" if "catalog=" in query else f"catalog={bank.catalog.short_name}&"
    return f"{reverse('permissions')}?{first}{query.removeprefix('?')}"


def queries(bank: Bank) -> int:
    """Of a second look, when what the frame keeps for a while is there."""
    client = signed_in(bank.ines)
    client.get(ledger(bank))
    with CaptureQueriesContext(connection) as caught:
        assert client.get(ledger(bank)).status_code == 200
    return len(caught)


def longer_costs_no_more_queries(bank: Bank, many: int) -> None:
    approve(bank, asked_item(bank))
    permissions(bank, range(2))
    findings(bank, range(2))
    few = queries(bank)
    permissions(bank, range(2, many))
    findings(bank, range(2, many))
    assert queries(bank) == few <= 33
    page = signed_in(bank.ines).get(ledger(bank))
    assert (len(page.context["rows"]), len(page.context["findings"])) == (A_PAGE, FINDINGS)
    assert page.context["total"] == many + 2


def test_a_longer_ledger_costs_no_more_queries(bank: Bank) -> None:
    longer_costs_no_more_queries(bank, A_PAGE + 5)


@pytest.mark.all
def test_ten_thousand_permissions_cost_no_more_queries_than_two(bank: Bank) -> None:
    longer_costs_no_more_queries(bank, 10_000)


def test_findings_have_pages_of_their_own_beside_those_of_the_lines(bank: Bank) -> None:
    permissions(bank, range(A_PAGE + 1))
    findings(bank, range(FINDINGS + 1))
    ines = signed_in(bank.ines)
    last = ines.get(ledger(bank, ines.get(ledger(bank, "?kind=unmanaged")).context["pager"].next_url))
    onwards = last.context["findings_pager"].next_url
    assert onwards.startswith(f"?catalog={bank.catalog.short_name}&kind=unmanaged&after=")
    second = ines.get(ledger(bank, onwards))
    assert [found.row.text for found in second.context["findings"]] == ["link 0 was dropped"]
    assert [row.line for row in second.context["rows"]] == [row.line for row in last.context["rows"]]
    back = second.context["pager"].previous_url
    assert back.startswith(f"?catalog={bank.catalog.short_name}&kind=unmanaged&findings=2&before=")


def test_a_page_says_which_lines_it_has_there_and_back(bank: Bank) -> None:
    permissions(bank, range(A_PAGE + 1))
    ines = signed_in(bank.ines)
    first = ines.get(ledger(bank)).context
    last = ines.get(ledger(bank, first["pager"].next_url)).context
    assert [(p.first, p.last, p.total) for p in (first["pager"], last["pager"])] == [
        (1, 50, 51),
        (51, 51, 51),
    ]
    again = ines.get(ledger(bank, last["pager"].previous_url)).context
    assert (again["rows"], again["pager"]) == (first["rows"], first["pager"])
    assert ines.get(ledger(bank, "?after=somebody-wrote-this")).context["rows"] == first["rows"]


def test_what_somebody_knows_of_comes_after_what_nobody_does(bank: Bank) -> None:
    findings(bank, range(3))
    Finding.objects.filter(key="2").update(known_at=clock.now(), known_by=bank.ines, known_reason="Planned")
    page = signed_in(bank.ines).get(ledger(bank))
    assert [found.row.key for found in page.context["findings"]] == ["1", "0", "2"]


def test_of_many_grants_behind_a_line_the_latest_are_named_and_the_file_has_all(bank: Bank) -> None:
    grants = [
        approve(
            bank, asked_item(bank, submission_key=str(number), ends_at=factories.days_from_now(9 + number))
        )
        for number in range(MOST_GRANTS + 1)
    ]
    assert Intent.objects.count() == Grant.objects.count() == len(grants)
    ines = signed_in(bank.ines)
    lines = ines.get(ledger(bank)).context["rows"]
    assert {(len(row.grants), row.more_grants) for row in lines} == {(MOST_GRANTS, 1)}
    assert grants[0] not in lines[0].grants
    assert "and 1 more" in ines.get(ledger(bank)).content.decode()
    file = ines.get(f"{reverse('permissions')}?catalog={bank.catalog.short_name}&format=csv").content.decode()
    assert " ".join(str(grant.pk) for grant in grants) in file
