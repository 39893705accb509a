"""Every page that links lead to, rendered once for each kind of reader, and judged by all of `page_judges` at once."""

import pytest
from django.urls import reverse

from identity.people.may import READ_ALL_ROLES, get_all_roles, get_platform_roles
from identity.people.models import Person, PlatformRole
from tests.bank import Bank
from tests.catalog.discovery.sample_people import make_zephyrine
from tests.portal.conftest import make_client
from tests.portal.crawl import crawl, make_people_of_every_role
from tests.portal.page_judges import Rendering, find_defects

CHUNKS = 4
"""Into so many tests the readers are split, for processes to share."""


def make_readers(bank: Bank) -> list[Person]:
    """Of every role, and one from outside the company, in a mesh in which one product is hidden from most."""
    people = make_people_of_every_role(bank)
    zephyrine = make_zephyrine()
    zephyrine.limit("line")
    return [*people, zephyrine.people["outside"]]


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
    readers = make_readers(bank)
    defects: list[str] = []
    for reader in readers[chunk::CHUNKS]:
        client, language = make_client(reader), choose_language(bank, reader, readers)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        rendered = 0
        for followed in crawl(client):
            rendered += 1
            hides = hides_product(reader, followed.link)
            told = (followed.page, followed.link, followed.answer, language, hides)
            defects += find_defects(Rendering(reader, *told))
        assert rendered > 1, reader.name
    assert not defects, "\n".join(defects)
