"""Follows the links of all pages, as each kind of person."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from django.urls import resolve

from demo.screenshots import extract_paths
from identity.people.may import get_all_roles
from identity.people.models import Person, PlatformRole
from tests import factories
from tests.bank import Bank
from tests.browser.rendered_pages import build_query_strings, make_waiting_objects
from tests.database import as_role
from tests.portal.sample_engine_objects import make_sample_engine_objects
from tests.portal.sample_objects import make_sample_objects

ELSEWHERE = ("/admin/", "/api/", "/static/", "/sign-out/")
LINKS_PER_KIND = 1
"""So many pages of a kind are read for their links, and so many questions of a kind asked."""
PAGES_PER_KIND = 8
"""So many are opened: a table has a page for each column."""
KNOWN_PER_KIND = 1
"""So many of those that others of the same sight opened."""


@dataclass(frozen=True)
class Followed:
    """A link on a page, and the answer to it after redirects."""

    page: str
    link: str
    answer: Any


def make_people_of_every_role(bank: Bank) -> list[Person]:
    """One of all who have the same roles, of every role that there is, in a mesh that has one of each thing."""
    make_sample_objects(bank)
    build_query_strings(bank)
    make_sample_engine_objects(bank)
    make_waiting_objects(bank)
    for role in PlatformRole.Role:
        with as_role("meshmarket_owner"):
            PlatformRole.objects.create(person=factories.make_person(f"A {role.label}"), role=role)
    every = Person.objects.filter(is_active=True).order_by("pk")
    return list({get_all_roles(person): person for person in every}.values())


def list_links(page: str, answer: Any) -> Iterator[str]:
    if answer.headers["Content-Type"].startswith("text/html"):
        for path in extract_paths(answer.content.decode(), page):
            if path.startswith("/") and not path.startswith(ELSEWHERE):
                yield path


def crawl(client: Client, known: set[str]) -> Iterator[Followed]:
    """Every link once, beginning at the home page. `known` are the pages that readers of the same sight opened; this one's
    are added.
    """
    opened, alike = {"/"}, Counter[str]()
    waits = [("/", client.get("/", follow=True))]
    yield Followed("/", "/", waits[0][1])
    while waits:
        page, answer = waits.pop(0)
        for link in list_links(page, answer):
            if link in opened:
                continue
            opened.add(link)
            kind = f"{resolve(urlsplit(link).path).url_name}{'?' in link}"
            if alike[kind] >= (LINKS_PER_KIND if "?" in link else count_pages(link, known)):
                continue
            alike[kind] += 1
            known.add(link)
            there = client.get(link, follow=True)
            yield Followed(page, link, there)
            if there.status_code == 200 and alike[kind] <= LINKS_PER_KIND:
                waits.append((there.request["PATH_INFO"], there))


def count_pages(link: str, known: set[str]) -> int:
    """So many pages of its kind are opened."""
    return KNOWN_PER_KIND if link in known else PAGES_PER_KIND
