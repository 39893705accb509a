"""People, teams and domains have pages: who they are, what they own and decide, how to reach them."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.products.models import DataProduct, Domain
from identity.people.models import Membership, Person, PlatformRole
from tests import factories
from tests.bank import Bank, approve, decide_ten_times, submit_bank_item
from tests.database import as_role
from tests.discussion import ask, give_answer
from tests.portal.conftest import make_client


def read_page(reader: Person, address: str) -> str:
    answer = make_client(reader).get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def list_addresses(bank: Bank) -> list[str]:
    return [
        f"/people/{bank.ines.pk}/",
        f"/teams/{bank.insurance.slug}/",
        f"/domains/{bank.domain.slug}/",
    ]


def test_a_person_has_roles_domains_products_and_an_address(bank: Bank) -> None:
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=bank.ines, role=PlatformRole.Role.STEWARD)
    page = read_page(bank.sam, f"/people/{bank.ines.pk}/")

    assert f'href="mailto:{bank.ines.email}"' in page
    assert "<strong>Data owner</strong> of <a" in page
    assert "Steward" in page
    assert f'href="/teams/{bank.insurance.slug}/"' in page
    assert f'href="/domains/{bank.domain.slug}/"' in page
    assert f'href="/data-products/{bank.product.slug}/"' in page


def test_discover_is_marked_in_the_navigation(bank: Bank) -> None:
    for address in list_addresses(bank):
        assert '<a href="/search/" aria-current="true">Discover</a>' in read_page(bank.sam, address)


def test_nobody_is_asked_to_write_to_themselves(bank: Bank) -> None:
    address = f"/people/{bank.ines.pk}/"

    assert "Write an e-mail" in read_page(bank.ivo, address)
    assert "Write an e-mail" not in read_page(bank.ines, address)


def test_a_team_has_members_with_roles_domains_and_products(bank: Bank) -> None:
    factories.add_members(bank.insurance, Membership.Role.LEAD, [bank.ines])
    page = read_page(bank.sam, f"/teams/{bank.insurance.slug}/")

    assert "data owner, lead" in page
    assert page.count(f'href="/people/{bank.ivo.pk}/"') == 2  # who decides, and members
    assert f'href="mailto:{bank.ines.email},{bank.ivo.email}"' in page
    assert f'href="/domains/{bank.domain.slug}/"' in page
    assert f'href="/data-products/{bank.product.slug}/"' in page


def test_a_domain_has_its_owner_team_and_says_who_decides_and_how_soon(bank: Bank) -> None:
    decide_ten_times(bank)
    page = read_page(bank.sam, f"/domains/{bank.domain.slug}/")

    assert f'href="/teams/{bank.insurance.slug}/"' in page
    assert f'href="/people/{bank.ines.pk}/"' in page
    assert "Usually decided in" in page
    assert f'href="/data-products/{bank.product.slug}/"' in page


def test_a_domain_says_what_it_is_about_and_who_answers_questions(bank: Bank) -> None:
    Domain.objects.update(description="Policies and claims.")
    give_answer(bank.sam, ask(bank, bank.ana))
    page = read_page(bank.ana, f"/domains/{bank.domain.slug}/")

    assert "Policies and claims." in page
    experts = page.partition("Experts</dt>")[2].partition("</dd>")[0]
    assert f'href="/people/{bank.sam.pk}/"' in experts
    assert "1 answer" in experts


def test_experts_of_products_that_the_reader_may_not_see_are_not_named(bank: Bank) -> None:
    give_answer(bank.sam, ask(bank, bank.ana))
    DataProduct.objects.update(is_published=False)
    assert "Experts" not in read_page(bank.ana, f"/domains/{bank.domain.slug}/")


def test_products_show_the_promises_that_they_keep_and_break(bank: Bank) -> None:
    DataProduct.objects.update(quality_percent=99)
    for address in list_addresses(bank):
        main = read_page(bank.ana, address).partition("<main")[2]
        assert "promised: 99" in main
        assert "not known" in main


def test_a_domain_links_to_its_policy_for_those_who_may_read_it(bank: Bank) -> None:
    address, link = f"/domains/{bank.domain.slug}/", f'href="/policies/{bank.domain.slug}/"'

    assert link not in read_page(bank.sam, address)
    for reader in (bank.ivo, bank.greta):
        assert link in read_page(reader, address)
        assert make_client(reader).get(f"/policies/{bank.domain.slug}/").status_code == 200


def test_unpublished_products_are_shown_to_their_makers_alone(bank: Bank) -> None:
    DataProduct.objects.update(is_published=False)
    link = f'href="/data-products/{bank.product.slug}/"'

    for address in list_addresses(bank):
        assert link not in read_page(bank.sam, address)
        assert link in read_page(bank.ivo, address)


def test_requests_and_grants_are_not_shown(bank: Bank) -> None:
    item = submit_bank_item(bank, purpose="Reserve for the merger")
    approve(bank, item)

    for address in (f"/people/{bank.ana.pk}/", f"/teams/{bank.bi.slug}/", *list_addresses(bank)):
        for reader in (bank.sam, bank.ana, bank.ines):
            main = read_page(reader, address).partition("<main")[2].partition("</main>")[0]
            assert "merger" not in main
            assert "/access-requests/" not in main
            assert "/grants/" not in main


def test_who_has_left_has_no_roles_and_no_address(bank: Bank) -> None:
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=bank.ines, role=PlatformRole.Role.STEWARD)
    Person.objects.filter(pk=bank.ines.pk).update(is_active=False)
    page = read_page(bank.sam, f"/people/{bank.ines.pk}/")

    assert "has left" in page
    assert bank.ines.email not in page
    assert "Data owner" not in page
    assert "Steward" not in page


def test_who_has_left_is_no_member_and_decides_nothing(bank: Bank) -> None:
    DataProduct.objects.update(owner=bank.ivo)
    Person.objects.filter(pk=bank.ines.pk).update(is_active=False)

    for address in list_addresses(bank)[1:]:
        assert "Ines Roth" not in read_page(bank.sam, address)


def test_empty_pages_say_why(bank: Bank) -> None:
    lone = factories.make_person("Lone Ly")
    empty = factories.make_team("Empty")
    domain = factories.make_domain(empty, "Nothing")

    assert "No roles" in read_page(bank.sam, f"/people/{lone.pk}/")
    assert "No members yet" in read_page(bank.sam, f"/teams/{empty.slug}/")
    domain_page = read_page(bank.sam, f"/domains/{domain.slug}/")
    assert "Nobody yet" in domain_page
    assert "No data products yet" in domain_page


@pytest.mark.parametrize("address", ["/people/987654321/", "/teams/no-such/", "/domains/no-such/"])
def test_what_is_not_there_is_not_found(bank: Bank, address: str) -> None:
    assert make_client(bank.ana).get(address).status_code == 404


def test_an_address_cannot_add_headers_to_the_mail(bank: Bank) -> None:
    odd = factories.make_person("Odd One")
    Person.objects.filter(pk=odd.pk).update(email="odd?cc=x&y@bank.example")
    factories.add_members(bank.bi, Membership.Role.MEMBER, [odd])

    for address in (f"/people/{odd.pk}/", f"/teams/{bank.bi.slug}/"):
        assert 'href="mailto:odd%3Fcc%3Dx%26y@bank.example"' in read_page(bank.sam, address)


def test_long_lists_have_pages(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.people.views.PAGE_SIZE", 2)
    factories.add_members(bank.insurance, Membership.Role.MEMBER, [factories.make_person("Zoe Zimmer")])
    for number in range(2):
        factories.make_product(bank.domain, bank.ines, [], f"Zebra {number}")
    address = f"/teams/{bank.insurance.slug}/"

    assert 'href="?members=2"' in read_page(bank.sam, address)
    assert "Zoe Zimmer" in read_page(bank.sam, f"{address}?members=2")
    assert 'href="?page=2"' in read_page(bank.sam, address)
    assert "Zebra 1" in read_page(bank.sam, f"{address}?page=2")


@pytest.mark.parametrize(("at", "exactly"), [(0, 17), (1, 18), (2, 17)])
def test_longer_pages_cost_no_more_queries(bank: Bank, at: int, exactly: int) -> None:
    address = list_addresses(bank)[at]
    read_page(bank.ana, address)
    assert count_queries(bank, address) == exactly
    for number in range(5):
        added = factories.make_person(f"Added {number}")
        factories.add_members(bank.insurance, Membership.Role.DATA_OWNER, [added])
        factories.add_members(factories.make_team(f"T{number}"), Membership.Role.LEAD, [bank.ines])
        factories.make_product(factories.make_domain(bank.insurance), bank.ines, [])
        factories.make_product(bank.domain, added, [])
    assert count_queries(bank, address) == exactly


def count_queries(bank: Bank, address: str) -> int:
    """The fewest of three visits: what waits for a decision is counted again after a change, and every minute."""
    client = make_client(bank.ana)
    return min(count_queries_of_visit(client, address) for _ in range(3))


def count_queries_of_visit(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)
