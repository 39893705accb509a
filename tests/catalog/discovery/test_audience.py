"""What each person finds of a product, whatever its audience."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import connection

from catalog.discovery import list_viewers, read_settings
from catalog.products.may import filter_visible_products, visible_products, visible_tables
from catalog.products.models import Audience, DataProduct
from catalog.search.completion import suggest
from catalog.search.query import SearchQuery
from catalog.search.search import count_facets, get_cached_search, list_every_hit, search
from catalog.search.spelling import find_unknown_words
from catalog.search.text_queries import find_exact
from identity.people.models import Person
from tests.catalog.discovery.sample_people import WORDS, Zephyrine, make_zephyrine
from tests.database import as_role
from tests.factories import add_members

pytestmark = pytest.mark.django_db
ALWAYS = {"domain owner", "domain", "auditor"}
INSIDE = {*ALWAYS, "line", "other line", "named", "nobody"}
VIEWERS = {
    Audience.EVERYONE: {*INSIDE, "outside"},
    Audience.ORGANISATION: INSIDE,
    Audience.LINE: {*ALWAYS, "line"},
    Audience.DOMAIN: ALWAYS,
    Audience.TEAMS: {*ALWAYS, "named"},
}


@pytest.fixture
def there() -> Zephyrine:
    return make_zephyrine()


def find_everywhere(person: Person) -> Iterator[str]:
    """Everything that the catalog tells the person, as texts."""
    for word in WORDS:
        for text in (word, word[:5], f"{word} storms", f'"{word}"', "s3://zephyrbucket/gold/", ""):
            query = SearchQuery(text)
            for found in (
                search(query, person=person),
                get_cached_search(query, person=person, limit=20, offset=0),
            ):
                yield from (f"{replace(hit, missing=())}" for hit in found.hits)
                yield from (f"{facet}" for facet in found.facets if text == "")
                yield f"{found.corrected} {found.did_you_mean}".replace(word, "")
            yield from (one.label for one in suggest(text, person=person))
            yield from (f"{hit}" for hit in list_every_hit(query, person=person))
    yield from (one.label for one in suggest("column:zephyr", person=person))
    yield from (product.name for product in visible_products(person))
    yield from (table.name for table in visible_tables(person))


@pytest.mark.parametrize("audience", Audience)
def test_people_find_a_product_if_they_are_meant_to(there: Zephyrine, audience: Audience) -> None:
    if audience != Audience.ORGANISATION:
        there.limit(audience)
    for name, person in there.people.items():
        said = " ".join(find_everywhere(person)).lower()
        assert [word in said for word in WORDS[:3]] == [name in VIEWERS[audience]] * 3, name


@pytest.mark.parametrize("audience", Audience)
def test_counts_are_of_what_the_person_sees(there: Zephyrine, audience: Audience) -> None:
    if audience != Audience.ORGANISATION:
        there.limit(audience)
    for name, person in there.people.items():
        expected = (name in VIEWERS[audience]) + (name != "outside")
        for text in ("", "weather_gold", "domain:" + there.product.domain.slug):
            found = search(SearchQuery.parse(f"q={text}"), person=person)
            assert (found.total, found.products) == (expected, expected), (name, text)
        facets = {facet.name: facet for facet in count_facets(SearchQuery(""), person=person)}
        counts = sum(value.count for value in facets["type"].values) if expected else 0
        assert counts == expected, name


@pytest.mark.parametrize("audience", Audience)
def test_the_preview_counts_who_sees_it(there: Zephyrine, audience: Audience) -> None:
    if audience != Audience.ORGANISATION:
        there.limit(audience)
    product = DataProduct.objects.get(pk=there.product.pk)
    seen = {person.pk for person in Person.objects.all() if filter_visible_products(person, [product])}
    assert list_viewers(product, read_settings(product)) == seen
    assert seen == {there.people[name].pk for name in VIEWERS[audience]}


def test_a_hidden_word_is_as_unknown_as_any_other(there: Zephyrine) -> None:
    there.limit("line")
    for name, person in there.people.items():
        unknown = find_unknown_words(SearchQuery("zephyrcolumn xylophone"), person)
        assert ("zephyrcolumn" in unknown) == (name not in VIEWERS[Audience.LINE]), name


def test_people_from_outside_find_nothing_by_its_address(there: Zephyrine) -> None:
    there.limit("everyone")
    assert find_exact("s3://zephyrbucket/gold/", there.people["other line"]) == (-there.product.pk,)
    assert find_exact("s3://zephyrbucket/gold/", there.people["outside"]) == ()
    found = search(SearchQuery("zephyrbucket"), person=there.people["outside"])
    assert all(one.field != "location" for hit in found.hits for one in hit.reasons)
    assert "producer" not in {facet.name for facet in found.facets}


def test_a_cached_page_is_never_of_an_older_audience(there: Zephyrine) -> None:
    other, query = there.people["other line"], SearchQuery("zephyrine")

    def count() -> int:
        return get_cached_search(query, person=other, limit=20, offset=0).total

    assert (count(), count()) == (1, 1)
    there.limit("line")
    assert (count(), count()) == (0, 0)
    add_members(there.named, "member", [other])
    there.limit("teams")
    assert (count(), count()) == (1, 1)
    with as_role("meshmarket_owner"):
        there.named.members.remove(other)
    assert count() == 0
    add_members(there.named, "member", [other])
    Person.objects.filter(pk=other.pk).update(is_active=False)
    assert count() == 0


def test_nobody_who_is_not_there_finds_anything(there: Zephyrine) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT catalog_audience(-1), catalog_audience(NULL)")
        assert cursor.fetchone() == ([], [1, 2])
