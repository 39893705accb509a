"""A product that a person may not see is nowhere: on no page, in no list of the API, in no notification."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

import portal.api_urls
import portal.urls
from catalog.glossary.models import Term, TermLink
from catalog.search.alerts import check_alert
from catalog.search.models import SavedSearch
from catalog.search.saved_searches import save_search
from kernel import clock
from requests_app.notifications.models import Notification
from tests.catalog.discovery.sample_people import WORDS, Zephyrine, make_zephyrine
from tests.database import as_role
from tests.portal.conftest import make_client

pytestmark = pytest.mark.django_db
SEES = {
    "line": {"line", "domain", "domain owner", "auditor"},
    "teams": {"named", "domain", "domain owner", "auditor"},
    "domain": {"domain", "domain owner", "auditor"},
}
READERS = ("outside", "other line", "line", "domain", "named")


@pytest.fixture
def there() -> Zephyrine:
    found = make_zephyrine()
    term = Term.objects.create(slug="gale", name="Gale", definition="Strong wind.", owner_team=found.named)
    TermLink.objects.create(term=term, product=found.product)
    TermLink.objects.create(term=term, table=found.table, column="zephyrcolumn")
    return found


def list_addresses(there: Zephyrine) -> Iterator[str]:
    """Every list of the API and page without arguments; what completes, searches and exports; addresses of the product."""
    for query in ("gale", "weather_gold", "type:product", "column:z", "s3://zephyrbucke"):
        for address in ("/search/", "/search/suggestions/", "/api/v1/search", "/api/v1/search/suggestions"):
            yield f"{address}?q={query}"
    for one in (*portal.urls.urlpatterns, *portal.api_urls.urlpatterns):
        assert isinstance(one, URLPattern)
        if one.name and not one.pattern.converters and one.name != "sign-out":
            yield reverse(one.name)
    domain = there.product.domain
    yield f"/domains/{domain.slug}/"
    yield "/glossary/gale/"
    for address in (f"/data-products/{there.product.slug}", f"/tables/{there.table.pk}"):
        yield from (f"{address}/", f"/api/v1{address}")
    yield f"/domains/?open={domain.slug}"
    catalog = there.table.database.catalog.short_name
    yield f"/catalogs/?open={catalog}&open={catalog}/weather_gold"
    yield f"/access-requests/new/?table={there.table.pk}"


def find_words(client: Client, address: str) -> set[str]:
    body = client.get(address, follow=True).getvalue().decode(errors="replace").lower()
    body = body.replace("q=s3://zephyrbucke", "")
    return {word for word in WORDS[:3] if word in body}


@pytest.mark.parametrize("audience", SEES)
def test_no_address_names_it_to_others(there: Zephyrine, audience: str) -> None:
    """Each reader from whom it is hidden asks each address once: of the audiences that leave the reader out each has a share."""
    there.limit(audience)
    addresses = list(list_addresses(there))
    for number, name in enumerate(READERS):
        client = make_client(there.people[name])
        if name in SEES[audience]:
            assert any(find_words(client, address) for address in addresses), name
            continue
        hiding = [other for other in SEES if name not in SEES[other]]
        first = (hiding.index(audience) + number) % len(hiding)
        found = [address for address in addresses[first :: len(hiding)] if find_words(client, address)]
        assert not found, (name, found)


def test_absent_and_hidden_answer_alike(there: Zephyrine) -> None:
    there.limit("domain")
    client = make_client(there.people["other line"])
    for hidden, absent in (
        (f"/data-products/{there.product.slug}/", "/data-products/no-such/"),
        (f"/tables/{there.table.pk}/", "/tables/987654321/"),
        (f"/api/v1/data-products/{there.product.slug}", "/api/v1/data-products/no-such"),
        (f"/api/v1/tables/{there.table.pk}", "/api/v1/tables/987654321"),
    ):
        answers = [client.get(address).status_code for address in (hidden, absent)]
        assert answers == [404, 404], hidden


def test_alerts_tell_only_who_may_see_it(there: Zephyrine) -> None:
    there.limit("domain")
    for name in READERS:
        save_search(
            acting_user=there.people[name],
            name="All",
            querystring="q=zephyrine",
            alert=SavedSearch.Alert.AT_ONCE,
            now=clock.now(),
        )
    _check_alerts()
    there.limit("line")
    _check_alerts()
    told = {one.person.name for one in Notification.objects.filter(event__verb="find_search_results")}
    hits = {
        saved.person.name for saved in SavedSearch.objects.all() if saved.hits.filter(is_new=True).exists()
    }
    assert hits == {"Lina Line"}
    assert told <= {"Lina Line"}


def _check_alerts() -> None:
    with as_role("meshmarket_worker"):
        SavedSearch.objects.update(due_at=clock.now())
        for saved in SavedSearch.objects.all():
            assert check_alert(search_id=saved.pk, now=clock.now())
