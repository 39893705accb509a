"""Searches without result: counted once a day for each person, shown only where several searched."""

from datetime import timedelta

import pytest
from django.test import Client

from catalog.mesh.models import (
    SearchWithoutResult,
    count_searches_without_result,
    delete_old_searches,
    list_searches_without_result,
    normalise_search,
)
from catalog.search.models import RecentSearch
from kernel import clock
from tests import factories
from tests.database import as_role


def search(client: Client, name: str, text: str) -> None:
    client.force_login(factories.make_person(name))
    assert client.get("/search/", {"q": text}).status_code == 200


def count() -> None:
    with as_role("meshmarket_worker"):
        count_searches_without_result(clock.now() + timedelta(minutes=5))


def list_texts() -> list[str]:
    return [row["text"] for row in list_searches_without_result(clock.now().date())]


@pytest.mark.django_db
def test_what_three_people_search_in_vain_is_shown(client: Client) -> None:
    for number, text in enumerate(("Leasing  contracts", "leasing contracts", "LEASING contracts")):
        search(client, f"Person {number}", text)
    search(client, "Somebody Else", "my own secret plan")
    count()
    assert list_texts() == ["leasing contracts"]
    assert SearchWithoutResult.objects.get(text="leasing contracts").people == 3
    assert not RecentSearch.objects.filter(found_nothing=True).exists()


@pytest.mark.django_db
def test_a_person_counts_once_a_day(client: Client) -> None:
    ana = factories.make_person()
    client.force_login(ana)
    for _number in range(3):
        client.get("/search/", {"q": "leasing"})
        count()
    assert SearchWithoutResult.objects.get().people == 1


@pytest.mark.django_db
def test_what_is_being_typed_is_not_counted(client: Client) -> None:
    client.force_login(factories.make_person())
    for text in ("lea", "leas", "leasing"):
        client.get("/search/", {"q": text})
    with as_role("meshmarket_worker"):
        count_searches_without_result(clock.now())
    assert not SearchWithoutResult.objects.exists()
    count()
    assert [row.text for row in SearchWithoutResult.objects.all()] == ["leasing"]


@pytest.mark.parametrize("text", ["ana@bank.example", "policy 123456", "x" * 81])
def test_what_may_name_a_person_is_not_kept(text: str) -> None:
    assert normalise_search(text) == ""


@pytest.mark.django_db
def test_old_counts_are_deleted() -> None:
    with as_role("meshmarket_worker"):
        SearchWithoutResult.objects.create(day=clock.now().date() - timedelta(days=400), text="old", people=9)
        delete_old_searches(clock.now())
    assert not SearchWithoutResult.objects.exists()
