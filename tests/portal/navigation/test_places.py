"""The section of a page is decided by who looks."""

import re

from django.urls import reverse

from identity.people.models import Membership, Person
from tests import factories
from tests.bank import Bank, approve, make_owner_developer, submit_bank_item
from tests.html import squeeze
from tests.portal.conftest import make_client
from tests.role_changes import make_governor


def read_section(person: Person, address: str) -> tuple[str, str]:
    """The marked section, and the first of the breadcrumbs."""
    page = squeeze(make_client(person).get(address).content.decode())
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


READERS_PAGES = (
    "data-product", "data-product-access", "data-product-questions", "data-product-changes", "data-product-lineage",
    "data-product-quality", "data-product-usage",
)  # fmt: skip
OWNERS_PAGES = ("offers", "data-product-access-revoke")


def test_pages_of_a_product_are_under_my_products_for_who_maintains_it_alone(bank: Bank) -> None:
    for name in (*READERS_PAGES, *OWNERS_PAGES):
        address = reverse(name, args=[bank.product.slug])
        assert (name, *read_section(bank.ines, address)) == (name, "My products", "My products")
        if name in READERS_PAGES:
            assert (name, *read_section(bank.ana, address)) == (name, "Discover", "Discover")


def test_a_grant_of_others_is_where_one_looks_at_access_of_others(bank: Bank) -> None:
    item = submit_bank_item(bank)
    grant = approve(bank, item)
    proof, revoke = reverse("grant-proof", args=[grant.pk]), reverse("grant-revoke", args=[grant.pk])
    developer, governor = make_owner_developer(bank), make_governor()
    assert read_section(bank.ana, proof) == ("My access", "My access")
    assert [read_section(person, proof)[0] for person in (bank.ines, developer, governor)] == [
        "My products", "My products", "Govern",
    ]  # fmt: skip
    assert read_section(governor, proof)[1] == "Permissions and drift"
    assert [read_section(person, revoke)[0] for person in (bank.ana, bank.ines)] == [
        "My access",
        "My products",
    ]
    request = reverse("access-request", args=[item.request_id])
    assert read_section(developer, request) == ("My products", "My products")
    review = reverse("review", args=[item.pk])
    assert [read_section(person, review) for person in (bank.ana, bank.ines)] == [
        ("My access", "Requests"),
        ("Decide", "Inbox"),
    ]


def test_local_groups_are_under_accounts_for_governance_and_under_access_for_their_admins(bank: Bank) -> None:
    admin = factories.make_person("Ada Admin")
    factories.add_members(bank.bi_account.team, Membership.Role.ACCOUNT_ADMIN, [admin])
    address = reverse("local-groups", args=[bank.bi_account.account_id])
    assert read_section(admin, address) == ("My access", "My access")
    assert read_section(make_governor(), address) == ("Govern", "AWS accounts")
