"""The content of a product's page is kept for as long as reading it anew would find the same."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.change_versions import PAGE_VERSION_SQL, PageVersion
from catalog.follows import Follow
from catalog.mirror.models import Column
from catalog.products.models import DataProduct, ProductTable
from fulfilment.intents.actions import catalog_scope_key
from fulfilment.observations.models import ScopeReading
from fulfilment.rounds import Scope
from identity.people.models import Membership, Person
from kernel import clock
from kernel.errors import NotFoundError
from portal.products.views import CSRF_PLACEHOLDER, get_product_content, read_product_content
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.discussion import ask
from tests.portal.conftest import make_client

QUERIES_WHEN_CACHED = 1


def read_cached(bank: Bank, person: Person) -> str:
    """The content as the page has it, which reading it anew shows to be so."""
    person = Person.objects.get(pk=person.pk)
    content = get_product_content(person, bank.product.slug)
    assert content == read_product_content(person, bank.product.slug)
    return content.html


def get_page_version() -> PageVersion:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {PAGE_VERSION_SQL}")
        return PageVersion(*cursor.fetchone())


def count_queries(bank: Bank, person: Person) -> int:
    with CaptureQueriesContext(connection) as captured:
        get_product_content(person, bank.product.slug)
    return len(captured)


def test_unchanged_content_is_not_read_again(bank: Bank) -> None:
    assert count_queries(bank, bank.ana) > QUERIES_WHEN_CACHED
    assert count_queries(bank, bank.ana) == QUERIES_WHEN_CACHED
    assert count_queries(bank, bank.sam) > QUERIES_WHEN_CACHED


CHANGES: dict[str, Callable[[Bank], object]] = {
    "request": submit_bank_item,
    "grant": lambda bank: approve(bank, submit_bank_item(bank)),
    "question": lambda bank: ask(bank, bank.sam),
    "description": lambda _bank: DataProduct.objects.update(description="Of every branch."),
    "name of the owner": lambda bank: Person.objects.filter(pk=bank.ines.pk).update(name="Ines Roth-Lang"),
    "retirement": lambda _bank: DataProduct.objects.update(is_published=False),
    "follower": lambda bank: Follow.objects.create(
        person=bank.ines, product=bank.product, followed_at=clock.now()
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_shows_at_once(bank: Bank, change: Callable[[Bank], object]) -> None:
    before = read_cached(bank, bank.ines), get_page_version()
    change(bank)
    assert get_page_version() != before[1]
    read_cached(bank, bank.ines)


def test_a_reading_of_aws_that_finds_nothing_new_keeps_the_content(bank: Bank) -> None:
    key = catalog_scope_key(bank.catalog.pk)
    with as_role("meshmarket_worker"):
        scope = Scope.objects.create(key=key, kind="catalog", catalog=bank.catalog)
        ScopeReading.objects.create(scope=scope, epoch=1, read_at=clock.now(), facts={})
    before = get_page_version().version
    with as_role("meshmarket_worker"):
        Scope.objects.update(epoch=2, owner="worker", lease_until=clock.now(), scan_at=clock.now())
        ScopeReading.objects.update(epoch=2, read_at=clock.now(), seconds=1.0, facts={})
        assert get_page_version().version == before
        ScopeReading.objects.update(facts={"resources": ["arn"]})
    assert get_page_version().version != before


def test_a_column_of_a_sync_shows_at_once(bank: Bank) -> None:
    read_cached(bank, bank.ana)
    with as_role("meshmarket_worker"):
        Column.objects.filter(table=bank.claims, name="amount").update(comment="Gross, in EUR")
    assert "Gross, in EUR" in read_cached(bank, bank.ana)


def test_a_lost_role_shows_at_once(bank: Bank) -> None:
    edit = reverse("data-product-edit", args=[bank.product.slug])
    assert edit in read_cached(bank, bank.ivo)
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=bank.ivo).delete()
    assert edit not in read_cached(bank, bank.ivo)


def test_content_is_not_found_once_it_is_hidden(bank: Bank) -> None:
    read_cached(bank, bank.sam)
    ProductTable.objects.filter(product=bank.product).delete()
    DataProduct.objects.update(is_published=False)
    with pytest.raises(NotFoundError):
        read_cached(bank, bank.sam)


def test_a_sign_in_changes_nothing(bank: Bank) -> None:
    count_queries(bank, bank.ana)
    make_client(bank.ana)
    make_client(bank.sam)
    assert count_queries(bank, bank.ana) == QUERIES_WHEN_CACHED


def test_content_is_read_again_each_minute(bank: Bank) -> None:
    count_queries(bank, bank.ana)
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(minutes=1))
    assert count_queries(bank, bank.ana) > QUERIES_WHEN_CACHED


def test_each_language_has_its_own_content(bank: Bank) -> None:
    address, client = reverse("data-product", args=[bank.product.slug]), make_client(bank.ana)
    assert "Domäne" not in client.get(address).content.decode()
    client.cookies["django_language"] = "de"
    assert 'lang="de"' in (german := client.get(address).content.decode())
    assert "Datenverantwortliche" in german


def test_the_forms_of_cached_content_work_in_each_session(bank: Bank) -> None:
    address = reverse("data-product", args=[bank.product.slug])
    for is_followed in (True, False):
        client = Client(enforce_csrf_checks=True)
        client.force_login(bank.ana)
        page = client.get(address)
        assert CSRF_PLACEHOLDER not in page.content.decode()
        follow = reverse("data-product-follow", args=[bank.product.slug])
        token = (
            page.content.decode()
            .split(f'action="{follow}"')[1]
            .split('name="csrfmiddlewaretoken" value="')[1]
        )
        sent = {"csrfmiddlewaretoken": token.split('"')[0], "do": "follow" if is_followed else "unfollow"}
        assert client.post(follow, sent).status_code == 302
        assert Follow.objects.filter(person=bank.ana).exists() == is_followed
