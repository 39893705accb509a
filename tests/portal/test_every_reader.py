"""Every page that links lead to, rendered once for each kind of reader: judged by all of `page_judges` at once, and its
forms sent by each of their buttons.
"""

from collections import defaultdict

import pytest
from django.test import Client
from django.urls import reverse

from identity.people.may import READ_ALL_ROLES, get_all_roles, get_platform_roles
from identity.people.models import Person, PlatformRole
from tests.bank import Bank, make_owner_developer
from tests.catalog.discovery.sample_people import make_zephyrine
from tests.portal.crawl import Followed, crawl, list_links, make_people_of_every_role
from tests.portal.form_judges import FoundForms
from tests.portal.form_presses import FormKey
from tests.portal.page_judges import Rendering, find_defects

CHUNKS = 3
"""Into so many tests the readers are split, for processes to share."""


def make_readers(bank: Bank) -> list[Person]:
    """Of every role, and one from outside the company, in a mesh in which one product is hidden from most."""
    people = make_people_of_every_role(bank)
    zephyrine = make_zephyrine()
    zephyrine.limit("line")
    return [*people, zephyrine.people["outside"]]


def make_reading_client(person: Person | None, language: str = "en") -> Client:
    """With a browser's checks of what it sends; a page that breaks has its status."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    if person:
        client.force_login(person)
    return client


def choose_language(bank: Bank, reader: Person, readers: list[Person]) -> str:
    """German for one who governs, one who produces and one who consumes: between them they are shown every kind of page."""
    governor = next(one for one in readers if PlatformRole.Role.GOVERNANCE_ADMIN in get_platform_roles(one))
    german = {get_all_roles(one) for one in (governor, bank.ines, bank.ana)}
    return "de" if get_all_roles(reader) in german else "en"


def hides_product(reader: Person, link: str) -> bool:
    """From all but those who read the whole mesh; a steward classifies every table."""
    roles = get_platform_roles(reader)
    classifies = PlatformRole.Role.STEWARD in roles and link.startswith(reverse("classification"))
    return not roles & READ_ALL_ROLES and not classifies


@pytest.mark.all
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_page_is_in_order_for_its_reader(bank: Bank, chunk: int) -> None:
    """Readers of one sight open the same pages: all of those that the mesh has, and then some of each kind."""
    readers = make_readers(bank)
    defects: list[str] = []
    known, pressed = defaultdict[bool, set[str]](set), set[FormKey]()
    for reader in readers[chunk::CHUNKS]:
        language, forms = choose_language(bank, reader, readers), FoundForms(reader)
        client = make_reading_client(reader, language)
        rendered = 0
        for followed in crawl(client, known[hides_product(reader, "")]):
            rendered += 1
            hides = hides_product(reader, followed.link)
            told = (followed.page, followed.link, followed.answer, language, hides)
            defects += find_defects(Rendering(reader, *told))
            forms.add(followed)
        assert rendered > 2, reader.name
        defects += forms.find_defects(client, pressed)
    assert len(pressed) > 40
    assert not defects, "\n".join(defects)


@pytest.mark.all
def test_every_page_is_in_order_for_a_developer_of_the_owning_team(bank: Bank) -> None:
    make_people_of_every_role(bank)
    person = make_owner_developer(bank)
    client, forms = make_reading_client(person), FoundForms(person)
    defects: list[str] = []
    for followed in crawl(client, set()):
        told = (followed.page, followed.link, followed.answer, "en", hides_product(person, followed.link))
        defects += find_defects(Rendering(person, *told))
        forms.add(followed)
    assert len(forms.presses) > 20
    defects += forms.find_defects(client, set())
    assert not defects, "\n".join(defects)


@pytest.mark.all
def test_every_form_is_answered_before_anybody_signs_in(bank: Bank) -> None:
    make_people_of_every_role(bank)
    client, forms = make_reading_client(None), FoundForms(None)
    home = client.get("/", follow=True)
    forms.add(Followed("/", home.request["PATH_INFO"], home))
    for link in list_links("/sign-in/", home):
        forms.add(Followed("/sign-in/", link, client.get(link, follow=True)))
    assert forms.presses
    assert not list(forms.find_defects(client, set()))
