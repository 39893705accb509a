"""A page and its resource have the same address."""

from collections.abc import Iterator

import portal.api_urls
import portal.urls
from portal.api.references import Resource

API = {one.name: str(one.pattern) for one in portal.api_urls.urlpatterns}
PAGES = {str(one.pattern) for one in portal.urls.urlpatterns}
OTHER_WORDS = {
    "request-items/<int:pk>": "reviews/<int:pk>",
    "glossary-terms/<slug:slug>": "glossary/<slug:slug>",
    "glossary-term-proposals/<int:pk>": "glossary/proposals/<int:pk>",
}


def resources(kind: type[Resource] = Resource) -> Iterator[type[Resource]]:
    """Without the bases of others, which have no address of their own, and those of tests."""
    for one in kind.__subclasses__():
        if one.route and not one.__module__.startswith("tests."):
            yield one
        yield from resources(one)


def test_each_resource_with_a_page_has_its_address() -> None:
    found = list(resources())
    assert len(found) > 15
    wrong = []
    for one in found:
        address = API[one.route]
        if one.has_page and f"{OTHER_WORDS.get(address, address)}/{one.page_below}" not in PAGES:
            wrong.append((one.__name__, address))
    assert not wrong
