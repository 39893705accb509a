"""Pages in German: nothing on them is left in English."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from identity.people.models import Person, PlatformRole
from tests.bank import Bank
from tests.portal.conftest import make_client
from tests.portal.crawl import crawl, make_people_of_every_role

ENGLISH_WORDS = re.compile(r"\b(the|of|to|is|are|for|with|and|no|until|your|you|from|has|been)\b")
SPOKEN = {"title", "alt", "placeholder", "aria-label", "data-label"}
NOT_READ = {"script", "style", "code", "pre", "textarea", "svg"}
VOID = {"br", "hr", "img", "input", "link", "meta", "wbr"}
NOT_TRANSLATED = ("/demo/",)
WRITTEN_BY_PEOPLE = {
    "Only sums by month leave the table.",
    "Name the source.",
    "Claims of every line, each night.",
    "It is wrong.",
    "A demand to be paid for a loss.",
    "Policies for the whole group.",
    "The nightly load adds the day's claims.",
    "one for each policy",
    "It is final.",
    "Amounts are negative",
    "Amounts are negative · Meshmarket",
    "Amounts are in EUR",
    "Amounts are in EUR · Meshmarket",
    "Is the amount in EUR?",
    "Is the amount in EUR? · Meshmarket",
    "Since Monday.",
}


class PageTexts(HTMLParser):
    """Texts and spoken attributes of a page, outside code and what is marked as English."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if (
            tag in NOT_READ or (dict(attrs).get("lang") or "").startswith("en") or self._skipped
        ) and tag not in VOID:
            self._skipped.append(tag)
            return
        self.texts += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        if tag in self._skipped:
            del self._skipped[self._skipped.index(tag) :]

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.texts.append(data.strip())


def read_texts(html: str) -> set[str]:
    parser = PageTexts()
    parser.feed(html)
    return {text for text in parser.texts if text}


def find_english(person: Person) -> Iterator[str]:
    client = make_client(person)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    for followed in crawl(client):
        is_page = followed.answer.headers["Content-Type"].startswith("text/html")
        if is_page and not followed.link.startswith(NOT_TRANSLATED):
            texts = read_texts(followed.answer.content.decode())
            found = (text for text in texts - WRITTEN_BY_PEOPLE if ENGLISH_WORDS.search(text))
            yield from (f"{followed.link}: {text}" for text in found)


@pytest.mark.all
def test_pages_in_german_hold_no_english_sentence(bank: Bank) -> None:
    make_people_of_every_role(bank)
    governor = Person.objects.filter(platform_roles__role=PlatformRole.Role.GOVERNANCE_ADMIN).first()
    assert governor
    found = {text for person in (governor, bank.ines, bank.ana) for text in find_english(person)}
    assert found == set()
