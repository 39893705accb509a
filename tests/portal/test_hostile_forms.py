"""Each form of the pages with odd things in each of its fields: never broken, never half done, and it says what is wrong."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.messages import ERROR, get_messages
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, resolve

import portal.urls
from kernel import clock
from requests_app.submission.basket import add_to_basket
from requests_app.targets.requested_item import RequestedItem
from tests.bank import Bank
from tests.browser.rendered_pages import build_address, build_query_strings, make_waiting_objects
from tests.database import as_role
from tests.portal.conftest import make_client
from tests.portal.form_parser import Field, Form, parse_forms
from tests.portal.hostile_values import LONE_SURROGATE, FormAttack, fill_form, post_form
from tests.portal.sample_engine_objects import make_sample_engine_objects
from tests.portal.sample_objects import make_sample_objects

FORMS_ELSEWHERE: dict[str, tuple[str, tuple[str, ...]]] = {
    "access-request-preview": ("ana", ("purpose", "principal", "row_filter", "columns", "ends_on", "hours", "offer", "extent", "use")),
    "subgrants-plan": ("ana", ("of", "see")), "subgrants-apply": ("ana", ("of", "see", "hash")),
    "break-glass-session-end": ("ines", ("reason",)), "break-glass-session-review": ("ines", ("reason",)), "bulk-decision-cancel": ("ines", ()),
    "table-sample-rows": ("ana", ("principal",)), "table-profile": ("ines", ()),
    "grant-test-queries": ("ana", ()), "account-connection-complete": ("greta", ()), "csp-report": ("nobody", ("x",)),
    "policy-version-publish": ("ines", ("rules", "note")), "role-change-decide": ("greta", ("answer",)), "access-request-take-over": ("ana", ()),
    "sign-in": ("nobody", ("username", "password", "next")), "password-reset": ("nobody", ("email",)),
    "profile-password": ("ines", ("old_password", "new_password1", "new_password2")),
    "data-product-retirement-cancel": ("ines", ("shown",)),
    "glossary-term-approve": ("greta", ("shown",)), "glossary-term-restore": ("greta", ("shown",)),
    "policy-rules": ("ines", ("rules", "note", "do", "rule-name", "rule-most_days", "condition-TOTAL_FORMS", "condition-0-fact")),
}  # fmt: skip
"""Who sends them, and their fields, where no page of this bank shows them."""
NO_FORM = {"sign-out", "registration-compare"}
"""They ask for nothing. The first ends the session of whoever attacks, the second is a button of registered tables."""
NO_PAGE = {
    "notification",
    "notification-open",
    "account-connection-template",
    "data-product-access-revoked",
}
"""Things that are not there, and that take no form."""
WRITTEN_ANYWAY = {"requests_basket", "django_session", "identity_signinattempt"}
"""What was typed into a basket is kept; sittings and attempts are counted."""
ERROR_MARKS = ('class="error"', 'role="alert"', 'class="empty"')
"""At a field, above the form, or in its place."""
READ_ONLY = {"access-request-preview", "policy-rules", "subgrants-plan", "sign-in", "csp-report"}
PREVIEW_FIELDS = (["preview"], ["count"], ["find-tables"])
"""Buttons that show what another one would do, or help to fill in the form."""
FILLING_BUTTONS = {"earlier_purpose"}
"""Names of buttons whose value goes into the form."""


@dataclass
class AttackedSite:
    """`known` are the fields of a view that were attacked already, `state` what the last form left."""

    clients: dict[str, Client]
    objects: dict[str, Any]
    queries: dict[str, str]
    bank: Bank
    known: dict[object, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    state: list[tuple[str, str]] = field(default_factory=list)

    def address(self, one: URLPattern) -> str:
        address = build_address(one, self.objects, self.bank)
        assert address is not None, one.name
        return address


@pytest.fixture
def world(bank: Bank) -> AttackedSite:
    there, queries = make_sample_objects(bank), build_query_strings(bank)
    there |= {**make_sample_engine_objects(bank), **make_waiting_objects(bank)}
    queries |= {
        "data-product-access-revoke": "?all=1",
        "access-review-decide": "?all=1&answer=keep",
        "search": "?q=claims",
        **dict.fromkeys(
            ("classification-accept", "classification-class", "classification-dismiss"),
            f"?finding={there['classification-finding']}",
        ),
    }
    asks = [RequestedItem(bank.claims.pk, ("claim_id",), False, bank.product.pk)]
    add_to_basket(person=bank.ana, team=bank.bi, requested_items=asks, now=clock.now())
    people = {"ana": bank.ana, "ines": bank.ines, "greta": bank.greta}
    clients = {**{name: make_client(person) for name, person in people.items()}, "nobody": Client()}
    for client in clients.values():
        client.raise_request_exception = False
    return AttackedSite(clients, there, queries, bank)


def get_address_name(form: Form) -> str:
    return resolve(urlsplit(form.address).path).url_name or ""


def list_shown_forms(world: AttackedSite, one: URLPattern) -> Iterator[tuple[Client, Form]]:
    """The forms of one page, each with somebody who is shown it."""
    address = world.address(one) + world.queries.get(str(one.name), "")
    for person in ("ana", "ines", "greta"):
        client = world.clients[person]
        page = client.get(address)
        if page.status_code == 405:
            return
        if page.status_code == 200 and page.headers["Content-Type"].startswith("text/html"):
            yield from ((client, form) for form in parse_forms(page.content.decode(), address))
            if person == "ines":
                return


def list_forms(world: AttackedSite) -> dict[tuple[str, frozenset[str]], tuple[Client, Form]]:
    """By the name of the address and the fields: each form once."""
    found: dict[tuple[str, frozenset[str]], tuple[Client, Form]] = {}
    by_name = {str(one.name): one for one in portal.urls.urlpatterns if isinstance(one, URLPattern)}
    for name, one in by_name.items():
        if name not in NO_PAGE:
            for client, form in list_shown_forms(world, one):
                found.setdefault((get_address_name(form), frozenset(form.fields)), (client, form))
    for name, (person, fields) in FORMS_ELSEWHERE.items():
        form = Form(world.address(by_name[name]), "post", {one: Field(one, "text", [""]) for one in fields})
        found[name, frozenset(fields)] = (world.clients[person], form)
    return {told: one for told, one in found.items() if told[0] in set(by_name) - NO_FORM}


def compute_state() -> list[tuple[str, str]]:
    """A digest of every table that a refusal leaves alone."""
    one = "SELECT '{0}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {0} t"
    names = [name for name in connection.introspection.table_names() if name not in WRITTEN_ANYWAY]
    with as_role("none"), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(one.format(name) for name in names))
        return sorted(cursor.fetchall())


def is_refused(answer: HttpResponse) -> bool:
    told = get_messages(answer.wsgi_request)  # type: ignore[attr-defined]
    return 400 <= answer.status_code < 500 or any(one.level == ERROR for one in told)


def find_fault(answer: HttpResponse, *, changes_nothing: bool) -> str:
    """What is wrong with an answer, if anything is."""
    page, status = answer.content.decode(), answer.status_code
    if status == 422 and not any(mark in page for mark in ERROR_MARKS):
        return "does not say what is wrong"
    fine = {201, 302, 400, 404, 422} | ({200, 204, 413} if changes_nothing else set())
    return "" if status in fine else str(status)


def attack_form(world: AttackedSite, client: Client, form: Form) -> Iterator[str]:
    """What went wrong. What was done is undone at once, so that each value meets the same bank."""
    name = get_address_name(form)
    for good in fill_form(form):
        pressed = {one: values for one, values in good.items() if form.fields[one].kind == "submit"}
        button = list(pressed.values())
        known = world.known[resolve(urlsplit(form.address).path).func]
        surrogates, attack = ("lone surrogates", good), FormAttack(form, good, known)
        for told, values in chain([surrogates], attack.generate()):
            mark = transaction.savepoint()
            answer = post_form(client, form.address, values, LONE_SURROGATE if told == surrogates[0] else b"")
            attack.note(answer)
            client.cookies.pop("messages", None)
            if not is_refused(answer):
                transaction.savepoint_rollback(mark)
            looks = name in READ_ONLY or any(one in button for one in PREVIEW_FIELDS)
            looks = looks or not FILLING_BUTTONS.isdisjoint(pressed)
            if wrong := find_fault(answer, changes_nothing=looks):
                yield f"{name} by {button}, {told}: {wrong}"
    before, world.state = world.state, compute_state()
    if world.state != before:
        yield f"{name}: something is half done"


@pytest.mark.all
def test_no_form_breaks_over_what_is_in_it(world: AttackedSite) -> None:
    forms = list_forms(world)
    assert {name for name, _fields in forms} == names_that_take_posts(world)
    world.state = compute_state()
    wrong = [one for client, form in forms.values() for one in attack_form(world, client, form)]
    assert not wrong, "\n".join(wrong)


def names_that_take_posts(world: AttackedSite) -> set[str]:
    """Of the whole URL table, by what each says that it allows; the sign-in leads away whoever is signed in."""
    patterns = [one for one in portal.urls.urlpatterns if isinstance(one, URLPattern)]
    named = {str(one.name): one for one in patterns if one.name not in NO_FORM | NO_PAGE}
    said = {name: world.clients["ana"].options(world.address(one)) for name, one in named.items()}
    return {"sign-in", *(name for name, answer in said.items() if "POST" in answer.headers.get("Allow", ""))}
