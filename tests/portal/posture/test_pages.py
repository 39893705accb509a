"""The posture page counts what needs attention across the mesh, for those who see all permissions."""

import pytest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from identity.people.models import Person
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.access_reviews.test_pages import start_review
from tests.portal.conftest import make_client
from tests.portal.permissions.test_pages import add_finding

PAGE = reverse("posture")


@pytest.mark.parametrize(("name", "status"), [("ana", 404), ("ines", 404), ("greta", 200)])
def test_only_those_who_see_all_permissions_open_it(bank: Bank, name: str, status: int) -> None:
    person: Person = getattr(bank, name)
    assert make_client(person).get(PAGE).status_code == status


def test_it_names_drift_and_decisions_that_are_overdue(bank: Bank, settings: pytest.FixtureRequest) -> None:
    item = submit_bank_item(bank)
    type(item).objects.filter(pk=item.pk).update(state_changed_at="2020-01-01T00:00:00Z")
    add_finding(bank, table="claims")
    page = make_client(bank.greta).get(PAGE)
    content = page.content.decode()
    assert (page.context["finding_count"], page.context["overdue_count"]) == (1, 1)
    assert reverse("review", args=[item.pk]) in content
    assert "insurance_gold.claims" in content


def test_it_says_when_an_open_access_review_closes(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    review = start_review(bank)
    page = make_client(bank.greta).get(PAGE).content.decode()
    assert reverse("access-review", args=[review.pk]) in page
    assert f"0 of 1 answered, closes {date_format(localtime(review.due_at), 'j M Y')}" in page
