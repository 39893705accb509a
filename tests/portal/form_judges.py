"""What is wrong with the answers to a person's forms, each sent by each of its buttons."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from identity.people.models import Person
from portal.pages.forms import INCOMPLETE_FORM
from tests.portal.crawl import Followed
from tests.portal.form_presses import FormKey, Press, list_presses, send
from tests.portal.hostile_values import Values

NOT_PRESSED = {
    "sign-out": "Ends the session with which the other forms are sent.",
}
ANSWERS = {200, 201, 204, 302, 422}
"""A page, a new secret, nothing, the way to a page, or the form again with what is wrong in it."""
TECHNICAL_MESSAGES = (
    str(INCOMPLETE_FORM),
    "The form has expired",
    "Bad request",
    "The key must have 1 to",
)
"""That only a page which is wrong itself leads to."""


@dataclass
class FoundForms:
    """Of the pages that one person was shown; of forms that differ in ids alone, one."""

    person: Person | None
    presses: dict[FormKey, Press] = field(default_factory=dict)

    def add(self, followed: Followed) -> None:
        answer, path = followed.answer, followed.answer.request["PATH_INFO"]
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            address = followed.link if path in followed.link else path
            for _position, press in list_presses(answer.content.decode(), address):
                if press.name not in NOT_PRESSED:
                    self.presses.setdefault(press.key, press)

    def find_defects(self, client: Client, pressed: set[FormKey]) -> Iterator[str]:
        """Those that others have not `pressed`, to which they are added, are sent as they stand and as a person would fill
        them in; of the others, the latter is done with those that change something.
        """
        followed = set[tuple[str, str]]()
        for key, press in self.presses.items():
            if key in pressed and press.button.method == "get":
                continue
            filled = [press.fill_plausibly(), *([] if key in pressed else [press.fill_as_it_stands()])]
            pressed.add(key)
            for values in filled[: 2 if filled[0] != filled[-1] else 1]:
                if fault := find_fault(send(client, press, values, followed)):
                    yield self._describe(press, values, fault)

    def _describe(self, press: Press, values: Values, fault: str) -> str:
        who, button = self.person.name if self.person else "nobody", press.button
        pressed = f"{button.method} {button.address} by {button.name}={button.value}"
        return f"{who} on {press.page}: {pressed}: {fault} {values}"


def find_fault(answer: Any) -> str:
    if answer.status_code not in ANSWERS:
        return str(answer.status_code)
    page = answer.content.decode()
    return next((message for message in TECHNICAL_MESSAGES if message in page), "")
