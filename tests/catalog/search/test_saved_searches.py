"""A person's own searches: saved by name, the last ten, and nobody else's."""

from datetime import timedelta

import pytest

from audit.models import Event
from catalog.search.models import RecentSearch, SavedSearch
from catalog.search.query import SearchQuery
from catalog.search.saved_searches import (
    MAX_RECENT,
    clear_recent_searches,
    delete_search,
    record_search,
    save_search,
    search_history,
)
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Person:
    return factories.make_person()


def save(person: Person, name: str = "Mine", querystring: str = "q=claims&tier=gold") -> SavedSearch:
    return save_search(acting_user=person, name=name, querystring=querystring, now=clock.now())


def add_recent_search(person: Person, text: str, seconds_ago: int = 0) -> None:
    record_search(person, SearchQuery(text=text), found=1)
    at = clock.now() - timedelta(seconds=seconds_ago)
    RecentSearch.objects.filter(person=person, text=text).update(created_at=at)


def list_recent_texts(person: Person) -> list[str]:
    return [each.text for each in search_history(person).recent]


def test_a_search_is_saved_and_deleted_and_the_record_does_not_tell_what_it_was(ana: Person) -> None:
    kept = save(ana, "  My\x00 claims ", "tier=gold&q=claims&nonsense=1")

    assert (kept.name, kept.querystring) == ("My claims", "q=claims&tier=gold")
    delete_search(acting_user=ana, search_id=kept.pk, now=clock.now())
    assert search_history(ana).saved == ()
    told = Event.objects.filter(verb__in=["save_search", "delete_search"])
    assert [event.data for event in told] == [{"search": kept.pk}] * 2


def test_a_name_means_its_last_search(ana: Person) -> None:
    save(ana)
    save(ana, querystring="q=cards")

    assert [each.querystring for each in search_history(ana).saved] == ["q=cards"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_search_needs_a_short_name(ana: Person, name: str) -> None:
    with pytest.raises(RefusedError):
        save(ana, name)


def test_nobody_saves_without_end(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.search.saved_searches.MAX_SAVED", 2)
    save(ana, "one")
    save(ana, "two")
    with pytest.raises(RefusedError):
        save(ana, "three")
    save(ana, "two", "q=other")


def test_whose_account_is_closed_saves_nothing() -> None:
    with pytest.raises(ForbiddenError):
        save(factories.make_person(is_active=False))


def test_what_is_another_persons_is_not_there(ana: Person) -> None:
    kept, ines = save(ana), factories.make_person("Ines Roth")
    add_recent_search(ana, "claims")

    assert (search_history(ines).recent, search_history(ines).saved) == ((), ())
    with pytest.raises(NotFoundError):
        delete_search(acting_user=ines, search_id=kept.pk, now=clock.now())
    clear_recent_searches(acting_user=ines, now=clock.now())
    assert list_recent_texts(ana) == ["claims"]


def test_the_last_ten_are_kept_newest_first(ana: Person) -> None:
    for number in range(MAX_RECENT + 3):
        add_recent_search(ana, f"{number} words", seconds_ago=1000 - number)
    add_recent_search(ana, "5 words")

    assert list_recent_texts(ana) == [
        "5 words",
        *(f"{number} words" for number in (12, 11, 10, 9, 8, 7, 6, 4, 3)),
    ]


def test_what_is_typed_on_is_one_search(ana: Person) -> None:
    add_recent_search(ana, "cl", seconds_ago=600)
    for text in ("car", "card", "card spend", "card"):
        add_recent_search(ana, text, seconds_ago=5)
    record_search(ana, SearchQuery(tier=("gold",)), found=1)

    assert list_recent_texts(ana) == ["card", "cl"]
    assert clear_recent_searches(acting_user=ana, now=clock.now()) == 2
    assert list_recent_texts(ana) == []
