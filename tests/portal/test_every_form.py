"""Each form of each page, sent once for each role by each of its buttons: as it stands, and as a person would fill it in."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from identity.people.models import Person
from portal.pages.forms import INCOMPLETE_FORM
from tests.bank import Bank, make_owner_developer
from tests.portal.crawl import crawl, list_links, make_people_of_every_role
from tests.portal.form_presses import FormKey, Press, list_presses, send

NOT_PRESSED = {
    "sign-out": "Ends the session with which the other forms are sent.",
}
PAGES_PER_KIND = 2
ANSWERS = {200, 201, 204, 302, 422}
"""A page, a new secret, nothing, the way to a page, or the form again with what is wrong in it."""
TECHNICAL_MESSAGES = (
    str(INCOMPLETE_FORM),
    "The form has expired",
    "Bad request",
    "The key must have 1 to",
)
"""That only a page which is wrong itself leads to."""


def make_signed_in_client(person: Person | None) -> Client:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if person:
        client.force_login(person)
    return client


def list_pages(client: Client, person: Person | None) -> Iterator[tuple[str, str]]:
    """Address and HTML of those that links lead to."""
    home = client.get("/", follow=True)
    yield home.request["PATH_INFO"], home.content.decode()
    if person:
        answers = (
            (one.answer.request["PATH_INFO"], one.link, one.answer) for one in crawl(client, PAGES_PER_KIND)
        )
    else:
        answers = ((link, link, client.get(link, follow=True)) for link in list_links("/sign-in/", home))
    for path, link, answer in answers:
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            yield link if path in link else path, answer.content.decode()


def find_fault(answer: Any) -> str:
    if answer.status_code not in ANSWERS:
        return str(answer.status_code)
    page = answer.content.decode()
    return next((message for message in TECHNICAL_MESSAGES if message in page), "")


def press_all(person: Person | None) -> Iterator[tuple[FormKey, str]]:
    """What was pressed, and what was wrong with the answer."""
    client, pressed = make_signed_in_client(person), set[FormKey]()
    followed = set[tuple[str, str]]()
    for address, html in list_pages(client, person):
        for _position, press in list_presses(html, address):
            if press.key in pressed or press.name in NOT_PRESSED:
                continue
            pressed.add(press.key)
            filled = [press.fill_as_it_stands(), press.fill_plausibly()]
            for values in filled[: 2 if filled[0] != filled[1] else 1]:
                yield (
                    press.key,
                    describe_fault(person, press, values, find_fault(send(client, press, values, followed))),
                )


def describe_fault(person: Person | None, press: Press, values: dict[str, list[str]], fault: str) -> str:
    if not fault:
        return ""
    who = person.name if person else "nobody"
    return f"{who} on {press.page}: {press.button.method} {press.button.address} by {press.button.name}={press.button.value}: {fault} {values}"


@pytest.mark.all
def test_every_form_of_every_page_is_answered(bank: Bank) -> None:
    people = [None, *make_people_of_every_role(bank), make_owner_developer(bank)]
    answers = [one for person in people for one in press_all(person)]
    assert len({key for key, _fault in answers}) > 80
    assert [fault for _key, fault in answers if fault] == []
