"""Each address of the URL table can be opened by the walks: a new one cannot be forgotten."""

from collections import Counter
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

import portal.urls
from tests.bank import Bank
from tests.browser.rendered_pages import build_address, build_query_strings, make_waiting_objects
from tests.portal.sample_engine_objects import make_sample_engine_objects
from tests.portal.sample_objects import make_sample_objects

WITHOUT_OBJECT = {"notification-open", "password-reset-confirm"}
"""Links that messages carry: the tests of their own pages open them."""


def test_there_is_an_object_for_each_address(bank: Bank) -> None:
    """tests/browser/test_every_address.py then finds somebody who may see its page."""
    objects = make_sample_objects(bank)
    build_query_strings(bank)
    objects |= {**make_sample_engine_objects(bank), **make_waiting_objects(bank)}
    patterns = [one for one in portal.urls.urlpatterns if isinstance(one, URLPattern)]
    addresses = {str(one.name): build_address(one, objects, bank) for one in patterns}
    without = {name for name, address in addresses.items() if address is None or "None" in address}
    assert without == WITHOUT_OBJECT


def list_names(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, str]]:
    """Name with its namespace, and address, of every pattern that has a name."""
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            if one.name:
                yield f"{namespace}{one.name}", str(one.pattern)
        else:
            yield from list_names(one, f"{namespace}{one.namespace}:" if one.namespace else namespace)


def test_a_name_is_that_of_one_address() -> None:
    """`reverse` takes the last one, silently."""
    count = Counter(name for name, _ in set(list_names(get_resolver())))
    assert [name for name, number in count.items() if number > 1] == []
