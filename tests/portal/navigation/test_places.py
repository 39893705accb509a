"""The section of a page is decided by who looks."""

import re

import pytest
from django.urls import reverse

from identity.people.models import Membership, Person
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.conftest import make_client
from tests.role_changes import make_governor


def read_section(person: Person, address: str) -> tuple[str, str]:
    """The marked section, and the first of the breadcrumbs."""
    page = make_client(person).get(address).content.decode()
    section = re.search(r'<nav class="site-nav".*?aria-current="true">(?:\s*)([^<]+)<', page, re.DOTALL)
    crumb = re.search(r'class="crumbs"><li><a href="[^"]*">([^<]+)<', page)
    return (section[1].strip() if section else "", crumb[1] if crumb else "")


def test_who_approved_a_request_stays_in_decide(bank: Bank) -> None:
    item = submit_bank_item(bank)
    address = reverse("access-request", args=[item.request_id])
    assert read_section(bank.ines, address) == ("Decide", "Decide")
    approve(bank, item)
    assert read_section(bank.ines, f"{address}?reviewed={item.pk}") == ("Decide", "Decide")
    assert read_section(bank.ana, address) == ("My access", "Requests")


@pytest.mark.parametrize("name", ["data-product-access", "offers", "data-product-access-revoke"])
def test_pages_of_one_s_own_product_are_under_my_products(bank: Bank, name: str) -> None:
    assert read_section(bank.ines, reverse(name, args=[bank.product.slug])) == ("My products", "My products")


def test_who_has_access_is_under_discover_for_consumers(bank: Bank) -> None:
    address = reverse("data-product-access", args=[bank.product.slug])
    assert read_section(bank.ana, address) == ("Discover", "Discover")


def test_local_groups_are_under_accounts_for_governance_and_under_access_for_their_admins(bank: Bank) -> None:
    admin = factories.make_person("Ada Admin")
    factories.add_members(bank.bi_account.team, Membership.Role.ACCOUNT_ADMIN, [admin])
    address = reverse("local-groups", args=[bank.bi_account.account_id])
    assert read_section(admin, address) == ("My access", "My access")
    assert read_section(make_governor(), address) == ("Govern", "Govern")
