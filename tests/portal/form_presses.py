"""Sends forms of pages by each of their buttons, as a browser does, and undoes what that changes."""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.db import connection, transaction
from django.test import Client
from django.urls import resolve

from tests.portal.form_parser import TOKEN, Button, Form, parse_every_form
from tests.portal.hostile_values import Values, pick_sample

TEXT_KINDS = {"text", "search", "email", "number", "date"}
DIGITS = re.compile(r"\d+")
FormKey = tuple[str, frozenset[str], str, str]


@dataclass(frozen=True)
class Press:
    """A button of a form, on the page at `page`."""

    page: str
    form: Form
    button: Button

    @property
    def name(self) -> str:
        return resolve(urlsplit(self.button.address).path).view_name

    @property
    def key(self) -> FormKey:
        """Alike for forms that differ in ids alone."""
        fields = frozenset(DIGITS.sub("#", name) for name in self.form.fields)
        return self.name, fields, self.button.name, DIGITS.sub("#", self.button.value)

    def fill_as_it_stands(self) -> Values:
        return self._add_button({one.name: one.standing for one in self.form.fields.values() if one.standing})

    def fill_plausibly(self) -> Values:
        """As a person would: what is filled in stays, what is empty gets a value, boxes are ticked."""
        fields = [one for one in self.form.fields.values() if one.kind != "submit"]
        return self._add_button({one.name: pick_sample(one) for one in fields})

    def _add_button(self, values: Values) -> Values:
        said = {TOKEN: [self.form.token]} if self.form.token else {}
        return values | said | ({self.button.name: [self.button.value]} if self.button.name else {})


def list_presses(html: str, page: str) -> Iterator[tuple[int, Press]]:
    """With the place of the form among those of the page. Without a button, Enter in its only text field sends a form."""
    for position, form in enumerate(parse_every_form(html, page)):
        texts = [one for one in form.fields.values() if one.kind in TEXT_KINDS]
        enter = [Button("", "", form.address, form.method)] if len(texts) == 1 else []
        for button in form.buttons or enter:
            yield position, Press(page, form, button)


def find_lead(press: Press, answer: Any) -> tuple[str, str]:
    path = urlsplit(urljoin(press.page, answer.headers["Location"])).path
    return press.name, resolve(path).view_name


def send(client: Client, press: Press, values: Values, followed: set[tuple[str, str]]) -> Any:
    """The answer in English, after a redirect unless `followed` has one of the same form to the same kind of page. Rows and cookies
    are as before; constraints are checked as a commit would.
    """
    cookies, mark = copy.deepcopy(client.cookies), transaction.savepoint()
    request = client.post if press.button.method == "post" else client.get
    try:
        answer = request(press.button.address, values, headers={"Accept-Language": "en"})
        if answer.status_code == 302 and (leads := find_lead(press, answer)) not in followed:
            followed.add(leads)
            answer = client.get(answer.headers["Location"], follow=True)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    finally:
        transaction.savepoint_rollback(mark)
        client.cookies = cookies
    return answer
