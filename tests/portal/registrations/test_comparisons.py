"""What the page and the API say of a comparison: a proof, a difference, or that nothing is known."""

from typing import Any

import pytest
from django.urls import reverse

from catalog.registrations.comparisons.models import RowComparison
from catalog.registrations.comparisons.progress import (
    ComparisonResult,
    fail_comparison,
    finish_comparison,
    mark_started,
)
from catalog.registrations.comparisons.states import ComparisonProblem
from catalog.registrations.models import Registration
from kernel import clock
from tests.bank import Bank
from tests.database import as_role
from tests.portal.api.calls import read, send
from tests.portal.conftest import make_client
from tests.schema_updates import change_source, make_source, register


@pytest.fixture
def row(bank: Bank) -> Registration:
    return register(bank)


def read_page(bank: Bank, row: Registration) -> str:
    return make_client(bank.ines).get(reverse("registration", args=[row.pk])).content.decode()


def request(bank: Bank, row: Registration) -> RowComparison:
    said: dict[str, Any] = send(bank.ines, f"registrations/{row.pk}/comparisons").json()
    assert said["state"] == "waiting"
    return RowComparison.objects.select_related("registration").get(pk=said["id"])


def finish(comparison: RowComparison, *result: Any) -> None:
    source = make_source(comparison.registration)
    source.refresh_from_db()
    with as_role("meshmarket_worker"):
        mark_started(comparison, source, "x", clock.now())
        finish_comparison(comparison, ComparisonResult(*result), clock.now())


def test_an_editor_has_the_rows_compared_and_reads_the_proof(bank: Bank, row: Registration) -> None:
    assert "Nobody has compared the rows" in read_page(bank, row)
    client = make_client(bank.ines)
    answer = client.post(reverse("registration-compare", args=[row.pk]), follow=True).content.decode()
    assert "The result appears here." in answer
    assert "The rows are being compared." in answer
    assert send(bank.ivo, f"registrations/{row.pk}/comparisons").status_code == 422
    finish(RowComparison.objects.select_related("registration").get(), 20, 20, [])
    assert "Both give the same 20 rows of this file" in read_page(bank, row)
    (said,) = read(bank.ines, f"registrations/{row.pk}/comparisons")["results"]
    assert (said["state"], said["source_rows"], said["is_outdated"]) == ("same", 20, False)
    source = RowComparison.objects.select_related("source").get().source
    assert source is not None
    change_source(source, [("other", "string")])
    assert "has changed since. Compare again." in read_page(bank, row)


def test_a_difference_is_shown_with_its_counts(bank: Bank, row: Registration) -> None:
    finish(request(bank, row), 20, 21, ["policy_id"])
    assert "gives 21 rows of this file, and the source 20." in read_page(bank, row)


@pytest.mark.parametrize("problem", [one for one in ComparisonProblem if one])
def test_what_could_not_be_compared_never_reads_as_proven(
    bank: Bank, row: Registration, problem: ComparisonProblem
) -> None:
    comparison = request(bank, row)
    with as_role("meshmarket_worker"):
        fail_comparison(comparison, problem, "", clock.now())
    page = read_page(bank, row)
    assert "Nothing is known of the rows." in page
    assert "Both give the same" not in page
    assert read(bank.ines, f"registrations/{row.pk}/comparisons")["results"][0]["state"] == "unknown"


def test_only_editors_of_the_domain_compare(bank: Bank, row: Registration) -> None:
    assert send(bank.ana, f"registrations/{row.pk}/comparisons").status_code == 404
    assert send(bank.greta, f"registrations/{row.pk}/comparisons").status_code == 403
    assert (
        "comparison-form"
        not in make_client(bank.greta).get(reverse("registration", args=[row.pk])).content.decode()
    )
