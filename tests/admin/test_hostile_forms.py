"""The admin's forms, lists and addresses with odd things in them: never broken, nothing half done."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client

from audit.models import Event
from kernel.admin_bases import NamedRowsAdmin
from requests_app.grants.models import Grant
from requests_app.notifications.webhooks.models import Webhook
from tests.admin.test_rows_nobody_edits import EDITABLE_MODEL_NAMES, OWN_MODELS, build_address
from tests.bank import Bank
from tests.portal.form_parser import Form, parse_forms
from tests.portal.hostile_values import (
    LONE_SURROGATE,
    FormAttack,
    Values,
    pick_sample,
    post_form,
)
from tests.portal.sample_objects import make_sample_objects

EDITABLE_MODELS = [model for model in OWN_MODELS if model.__name__ in EDITABLE_MODEL_NAMES]
CHECKED_MODELS: list[type[Model]] = [*EDITABLE_MODELS, Event, Grant]
"""The others that nobody edits have the base of these two."""
QUERIES = (
    "q=%00", "q=" + "x" * 9_000, "p=-1", "p=" + "9" * 30, "o=9.-9.x", "id__exact=%00", "id__exact=" + "9" * 30, "no__such=1",
    "pk__gt=x", "q=%ed%a0%80",
)  # fmt: skip
ODD_IDS = ("0", "-1", "9" * 30, "%00", "_00", "x" * 900, "%ed%a0%80")
SHARES = 3
CHUNKS = 2
"""Into so many tests the models are split, for processes to share."""
ALLOWED_STATUSES = {200, 302, 400, 403, 404}


@pytest.fixture
def greta(client: Client, bank: Bank) -> Client:
    make_sample_objects(bank)
    client.force_login(bank.greta)
    client.raise_request_exception = False
    return client


def list_pages(model: type[Model]) -> Iterator[str]:
    """Of the form for a new one, and of that for one that is there."""
    yield build_address(model, "add")
    row = model._default_manager.order_by("pk").first()
    if row is not None:
        yield build_address(model, "change", row.pk)


def find_fault(answer: HttpResponse) -> str:
    page = answer.content.decode()
    if answer.status_code == 200 and "errornote" not in page:
        return "neither done nor refused"
    return "" if answer.status_code in ALLOWED_STATUSES else str(answer.status_code)


def attack_form(client: Client, form: Form, known: dict[str, int]) -> Iterator[str]:
    """What went wrong. `known` are fields that were attacked on another page of the same model."""
    good = {one.name: pick_sample(one) for one in form.fields.values() if one.kind != "submit"} | {
        "_save": ["Save"]
    }
    form.add("_save", "submit", ["Save"], [])
    rounds: list[tuple[str, Values]] = [("as it is", good), ("lone surrogates", good)]
    attack = FormAttack(form, good, known)
    for told, values in chain(rounds, attack.generate()):
        mark = transaction.savepoint()
        answer = post_form(client, form.address, values, LONE_SURROGATE if told == "lone surrogates" else b"")
        attack.note(answer)
        client.cookies.pop("messages", None)
        transaction.savepoint_rollback(mark)
        if wrong := find_fault(answer):
            yield f"{form.address}, {told}: {wrong}"


def attack_model(client: Client, model: type[Model]) -> Iterator[str]:
    known: dict[str, int] = {}
    forms = 0
    for page in list_pages(model):
        shown = client.get(page)
        if shown.status_code not in {200, 403}:
            yield f"{page}: {shown.status_code}"
        for form in parse_forms(shown.content.decode(), page) if shown.status_code == 200 else ():
            if form.address == page and form.method == "post":
                forms += 1
                yield from attack_form(client, form, known)
    if not forms and model is not Webhook:
        yield f"{model.__name__}: no form was found"


@pytest.mark.all
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_form_breaks_over_what_is_in_it(greta: Client, chunk: int) -> None:
    wrong = [one for model in EDITABLE_MODELS[chunk::CHUNKS] for one in attack_model(greta, model)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.all
def test_no_list_and_no_address_breaks(greta: Client) -> None:
    """All have one base: each model meets a third of the queries and of the ids."""
    wrong: list[Any] = []
    for number, model in enumerate(CHECKED_MODELS):
        shared = slice(number % SHARES, None, SHARES)
        addresses = [f"{build_address(model, 'changelist')}?{query}" for query in QUERIES[shared]]
        change = build_address(model, "change", "ODD")
        addresses += [change.replace("ODD", odd) for odd in ODD_IDS[shared]]
        statuses = [(address[:80], greta.get(address).status_code) for address in addresses]
        wrong += [(address, status) for address, status in statuses if status not in ALLOWED_STATUSES]
    assert all(issubclass(type(admin.site._registry[model]), NamedRowsAdmin) for model in CHECKED_MODELS)
    assert not wrong
