"""The navigation shows each person the sections that concern them, and marks the open one."""

import pytest
from django.urls import reverse

from identity.people.models import Person, PlatformRole
from portal.navigation import build_sections, find_current_page, list_menu_pages
from tests import factories
from tests.bank import Bank, submit_bank_item
from tests.database import as_role
from tests.portal.conftest import make_client
from tests.role_changes import make_governor


def list_names(person: Person) -> dict[str, list[str]]:
    sections = build_sections(person, decides=False)
    return {section.name: [page.name for page in section.pages] for section in sections}


def test_a_consumer_sees_data_and_their_access_only(bank: Bank) -> None:
    assert list(list_names(bank.ana)) == ["discover", "access"]


def test_a_data_owner_decides_and_has_products(bank: Bank) -> None:
    names = list_names(bank.ines)
    assert list(names) == ["discover", "access", "decide", "products"]
    assert names["decide"] == ["reviews", "reviews-decided", "delegations", "access-reviews", "policies"]


def test_a_governor_governs_and_has_each_page_once(bank: Bank) -> None:
    governor = make_governor()
    names = list_names(governor)
    assert names["govern"] == [
        "posture", "accounts", "sync-runs", "policies", "permissions", "access-reviews", "audit-log",
    ]  # fmt: skip
    pages = [page.name for section in build_sections(governor, decides=False) for page in section.all_pages]
    assert {"role-changes", "registrations", "publication-rules", "webhooks"} <= set(pages)
    assert len(pages) == len(set(pages))


def test_health_and_administration_are_in_the_menu_of_who_may_open_them(bank: Bank) -> None:
    assert [page.name for page in list_menu_pages(make_governor())] == ["health", "admin:index"]
    assert not list(list_menu_pages(bank.ana))
    shown = make_client(bank.greta).get(reverse("posture")).content.decode()
    assert f'<a href="{reverse("health")}">System health</a>' in shown


def test_an_entry_with_several_pages_shows_them_below(bank: Bank) -> None:
    shown = make_client(bank.greta).get(reverse("role-changes")).content.decode()
    assert '<a href="/accounts/" aria-current="page">Accounts</a>' in shown
    assert '<a href="/role-changes/" aria-current="page">Role changes</a>' in shown


def test_who_has_something_to_decide_sees_the_inbox_whatever_their_roles(bank: Bank) -> None:
    assert any(section.name == "decide" for section in build_sections(bank.ana, decides=True))


@pytest.mark.parametrize("role", PlatformRole.Role.values)
def test_every_page_of_the_navigation_opens(bank: Bank, role: str) -> None:
    person = factories.make_person(f"Rosa {role}")
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=person, role=role)
    client = make_client(person)
    for section in build_sections(person, decides=False):
        for page in section.all_pages:
            assert client.get(page.url, follow=True).status_code == 200, page.url


def test_the_open_section_and_page_are_marked(bank: Bank) -> None:
    shown = make_client(bank.ines).get(reverse("delegations")).content.decode()
    assert '<a href="/reviews/" aria-current="true">Decide' in shown
    assert '<a href="/delegations/" aria-current="page">Delegations</a>' in shown


@pytest.mark.parametrize(
    ("path", "section", "page"),
    [
        ("/data-products/claims/", "discover", "search"),
        ("/teams/bi/", "discover", "domains"),
        ("/request-items/1/", "access", "access-requests"),
        ("/reviews/7/", "decide", "reviews"),
        ("/reviews/decided/", "decide", "reviews-decided"),
        ("/drift-findings/7/", "govern", "permissions"),
    ],
)
def test_pages_below_belong_to_their_page(bank: Bank, path: str, section: str, page: str) -> None:
    found, current = find_current_page(build_sections(make_governor(), decides=True), path)
    assert found is not None
    assert current is not None
    assert (found.name, current.name) == (section, page)


def test_other_pages_belong_to_none(bank: Bank) -> None:
    assert find_current_page(build_sections(bank.ana, decides=False), "/notifications/") == (None, None)


def test_the_number_of_waiting_items_stands_at_decide(bank: Bank) -> None:
    submit_bank_item(bank)
    assert 'Decide<span class="count">1' in make_client(bank.ines).get(reverse("search")).content.decode()
