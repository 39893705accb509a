"""Whoever reads a page may open what it links to."""

from collections.abc import Iterator

import pytest

from identity.people.models import Person
from tests.bank import Bank
from tests.portal.conftest import make_client
from tests.portal.crawl import crawl, make_people_of_every_role

OK = 200


def find_dead_links(person: Person) -> Iterator[str]:
    """Each page that links to one which the person may not open."""
    for followed in crawl(make_client(person)):
        if followed.answer.status_code != OK:
            yield f"{person.name}: {followed.page} -> {followed.link}"


@pytest.mark.all
def test_every_link_on_a_page_opens_for_who_reads_it(bank: Bank) -> None:
    people = make_people_of_every_role(bank)
    assert [dead for person in people for dead in find_dead_links(person)] == []
