"""Whoever reads a page may open what it links to."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import resolve

from demo.screenshots.pages import extract_paths
from identity.people.may import get_all_roles
from identity.people.models import Person, PlatformRole
from tests import factories
from tests.bank import Bank
from tests.browser.rendered_pages import build_query_strings, make_waiting_objects
from tests.portal.conftest import make_client
from tests.portal.sample_engine_objects import make_sample_engine_objects
from tests.portal.sample_objects import make_sample_objects

ELSEWHERE = ("/admin/", "/api/", "/static/", "/sign-out/")
OK = 200
LINKS_PER_KIND = 1
"""So many pages of a kind are read for their links, and so many questions of a kind asked."""


@pytest.fixture
def people(bank: Bank) -> list[Person]:
    """One of all who have the same roles, of every role that there is, in a mesh that has one of each thing."""
    make_sample_objects(bank)
    build_query_strings(bank)
    make_sample_engine_objects(bank)
    make_waiting_objects(bank)
    for role in PlatformRole.Role:
        PlatformRole.objects.create(person=factories.make_person(f"A {role.label}"), role=role)
    every = Person.objects.filter(is_active=True).order_by("pk")
    return list({get_all_roles(person): person for person in every}.values())


def list_links(page: str, answer: Any) -> Iterator[str]:
    if answer.headers["Content-Type"].startswith("text/html"):
        for path in extract_paths(answer.content.decode(), page):
            if path.startswith("/") and not path.startswith(ELSEWHERE):
                yield path


def find_dead_links(person: Person) -> Iterator[str]:
    """Each page that links to one which the person may not open."""
    client, opened, alike = make_client(person), {"/"}, Counter[str]()
    waits = [("/", client.get("/"))]
    while waits:
        page, answer = waits.pop(0)
        for link in list_links(page, answer):
            kind = f"{resolve(urlsplit(link).path).url_name}{'?' in link}"
            if link in opened or ("?" in link and alike[kind] == LINKS_PER_KIND):
                continue
            opened.add(link)
            alike[kind] += 1
            there = client.get(link, follow=True)
            if there.status_code != OK:
                yield f"{person.name}: {page} -> {link}"
            elif alike[kind] <= LINKS_PER_KIND:
                waits.append((there.request["PATH_INFO"], there))


@pytest.mark.all
def test_every_link_on_a_page_opens_for_who_reads_it(people: list[Person]) -> None:
    assert [dead for person in people for dead in find_dead_links(person)] == []
