"""Filters that somebody types into the address of an administration list are refused or answered, never an error."""

import itertools
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Field
from django.test import Client
from django.urls import reverse

from tests import factories

ADDRESSES = {
    type(field): (model, field.name)
    for model in admin.site._registry
    for field in model._meta.get_fields()
    if isinstance(field, Field)
}
"""One field of each class, with a model whose list can be filtered by it."""
LOOKUPS = ["exact", "isnull", "gte", "lt", "regex", "iregex", "in", "range", "year", "contains", "nonsense"]
"""Each is sent with one of the values, another one for another kind of field."""
VALUES = ["(a", "99999999999999999999999", "a,b", "2", "2027-13-45"]


@pytest.fixture
def governor(db: None) -> Client:
    person = factories.make_admin()
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize("kind", ADDRESSES, ids=lambda kind: str(kind.__name__))
def test_no_lookup_on_a_field_is_a_server_error(governor: Client, kind: "type[Field[Any, Any]]") -> None:
    model, name = ADDRESSES[kind]
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    governor.raise_request_exception = False
    values = itertools.cycle(VALUES[len(kind.__name__) % len(VALUES) :] + VALUES)
    asked = [{f"{name}__{lookup}": value} for lookup, value in zip(LOOKUPS, values, strict=False)]
    asked += [{name: value} for value in VALUES]
    failed = [one for one in asked if governor.get(address, one).status_code >= 500]
    assert failed == []


@pytest.mark.parametrize("lookup", ["verb__regex", "verb__iregex", "at__year", "id__range", "data__contains"])
def test_what_no_filter_sends_is_refused(governor: Client, lookup: str) -> None:
    address = reverse("admin:audit_event_changelist")
    assert governor.get(address, {lookup: "(a"}).status_code == 400
