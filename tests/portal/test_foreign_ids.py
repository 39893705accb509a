"""To a stranger, every address of a hidden object answers as if it did not exist, and changes nothing."""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import product
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, reverse
from pytest_django import Settings

import portal.api_urls
import portal.urls
from audit.models import Event
from catalog.products.models import DataProduct
from identity.service_tokens import TokenScope
from tests.bank import Bank
from tests.identity.service_tokens.samples import make_service_token
from tests.portal.conftest import make_client
from tests.portal.sample_objects import build_url_arguments, make_sample_objects

CHUNKS = 2
"""Into so many tests the addresses are split, for processes to share."""
ABSENT_ARGUMENTS: Mapping[str, Any] = {
    "pk": 987_654_321, "slug": "no-such", "account_id": "000000000001", "catalog": "no-such", "table": 987_654_321, "member": 987_654_321,
    "kind": "no-such", "group": 987_654_321, "number": 987_654_321, "key": "no-such", "name": "no-such", "report": "no-such",
}  # fmt: skip
OPEN_TO_ALL = {
    "account-connection-template",
    "domain",
    "domain-follow",
    "api-glossary-term",
    "api-glossary-term-approve",
    "api-glossary-term-link",
    "api-glossary-term-links",
    "api-glossary-term-replace",
    "api-glossary-term-restore",
    "api-glossary-term-revisions",
    "glossary-term",
    "glossary-term-history",
    "api-mesh-report",
    "glossary-term-propose-change",
    "list-columns",
    "mesh-report-file",
    "mesh-section",
    "notification-open",
    "password-reset-confirm",
    "person",
    "team",
    "api-basket-item",
    "api-tag",
    "tag",
}
"""Open to everybody, such as the glossary, or to every producer, such as the keys of LF-Tags, or opened by a signed link, which tests/requests_app/notifications and tests/portal/authentication test."""
ELSEWHERE = re.compile(
    r"(api-)?(sync|permission|drift|hold|account-connection|local-group-|service-role|role-change)"
)
"""Addresses of the engine and of accounts, which other tests cover."""


def list_named_addresses() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each address with parameters, and their names."""
    for one in [*portal.urls.urlpatterns, *portal.api_urls.urlpatterns]:
        assert isinstance(one, URLPattern)
        takes = tuple(one.pattern.converters)
        if takes and one.name and one.name not in OPEN_TO_ALL and not ELSEWHERE.match(one.name):
            yield one.name, takes


def normalize_answer(answer: HttpResponse) -> tuple[int, str]:
    """Without what names the answer itself, or the address."""
    body = re.sub(
        r'[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,64}|[\w/-]*(no-such|\d{4,})[\w/-]*|"instance":"[^"]*"',
        "",
        answer.content.decode(),
    )
    return answer.status_code, body if answer.headers["Content-Type"].startswith("application") else ""


BODIES: list[dict[str, Any]] = [
    {},
    {"comment": "No.", "reason": "No longer needed.", "idempotency_key": "k", "answer": "reject", "effects_hash": "0" * 64,
     "less": {}, "columns": ["claim_id"], "ends_at": "2027-01-01T00:00:00Z", "extent": "columns", "ends_on": "2027-01-01",
     "action": "revoke", "lines": [1], "whole_table": True},
    {"comment": "No."}, {"outcome": "reject", "comment": "No."}, {"columns": ["claim_id"]}, {"effects": []},
    {"outcome": "revoke", "comment": "Over.", "items": ["1"]}, {"choices": []}, {"arn": "nobody"},
]  # fmt: skip


def send_request(client: Client, method: str, address: str, body: dict[str, Any]) -> HttpResponse:
    if address.startswith("/api/v1/"):
        return getattr(client, method)(address, body, content_type="application/json")  # type: ignore[no-any-return]
    return getattr(client, method)(address, body)  # type: ignore[no-any-return]


HIDING_STATUSES = frozenset({400, 404, 405, 422, 428})
"""Of answers that tell nothing; a person with a right to none of it gets no other."""
TOKEN_STATUSES = HIDING_STATUSES | {401, 403}
"""A token may call few addresses, and is told so before anything is looked up."""


def find_difference(
    client: Client,
    name: str,
    real: dict[str, Any],
    absent: dict[str, Any],
    statuses: Collection[int] = HIDING_STATUSES,
) -> Iterator[str]:
    """Where the answer tells a hidden thing from an absent one. A view that finds nothing before it reads what was sent is
    asked twice, one that reads it first with each of the bodies.
    """
    for method, body in (("get", {}), *(("post", body) for body in BODIES)):
        here, nowhere = (
            normalize_answer(send_request(client, method, reverse(name, kwargs=arguments), body))
            for arguments in (real, absent)
        )
        if here != nowhere or here[0] not in statuses:
            yield f"{name} by {method} with {sorted(body)}: {here[0]}, and {nowhere[0]} where nothing is"
        if method == "post" and (here[0] in {401, 403, 405} or (here[0] == 404 and body)):
            return


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_to_a_stranger_nothing_is_there_and_nothing_is_done(
    bank: Bank, settings: Settings, chunk: int
) -> None:
    """Sam answers for data of his own, elsewhere; the product is not published."""
    unlimited = dict.fromkeys(settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"])
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": unlimited}
    there = make_sample_objects(bank)
    DataProduct.objects.update(is_published=False, deprecated_at=None)
    client, before = make_client(bank.sam), Event.objects.count()
    wrong: list[str] = []
    for name, takes in list(list_named_addresses())[chunk::CHUNKS]:
        real, absent = (
            build_url_arguments(name, takes, there, bank),
            {one: ABSENT_ARGUMENTS[one] for one in takes},
        )
        wrong += find_difference(client, name, real, absent)
    assert not wrong, "\n".join(wrong)
    assert Event.objects.count() == before


def test_to_the_token_of_a_strangers_team_nothing_is_there_and_nothing_is_done(
    bank: Bank, settings: Settings
) -> None:
    """It has every scope, and its team answers for data of its own, elsewhere."""
    unlimited = dict.fromkeys(settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"])
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": unlimited}
    there = make_sample_objects(bank)
    DataProduct.objects.update(is_published=False, deprecated_at=None)
    secret = make_service_token(bank.sam, scopes=tuple(TokenScope.values)).secret
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    before, wrong, reached = Event.objects.count(), list[str](), set[str]()
    for name, takes in list_named_addresses():
        if not name.startswith("api-"):
            continue
        real = build_url_arguments(name, takes, there, bank)
        absent = {one: ABSENT_ARGUMENTS[one] for one in takes}
        wrong += find_difference(client, name, real, absent, TOKEN_STATUSES)
        if client.get(reverse(name, kwargs=real)).status_code not in {401, 403, 405}:
            reached.add(name)
    assert not wrong, "\n".join(wrong)
    assert reached, "The token may call nothing: nothing was tried."
    assert Event.objects.count() == before


def test_what_the_query_names_is_hidden_from_a_stranger_too(bank: Bank) -> None:
    consent = make_sample_objects(bank)["break-glass-consent-revoke"]
    named = [
        ("access-request-new", "table", bank.claims.pk, 987_654_321),
        ("access-request-new", "database", bank.claims.database_id, 987_654_321),
        ("access-request-preview", "table", bank.claims.pk, 987_654_321),
        ("offer-new", "data_product", bank.product.slug, "no-such"),
        ("break-glass-consent-new", "domain", bank.domain.slug, "no-such"),
        ("break-glass-session-new", "consent", consent, 987_654_321),
        ("permissions", "catalog", bank.catalog.short_name, "no-such"),
        ("tag-change-new", "table", bank.claims.pk, 987_654_321),
        ("tag-change-new", "product", bank.product.slug, "no-such"),
        ("problem-new", "data_product", bank.product.slug, "no-such"),
    ]
    DataProduct.objects.update(is_published=False, deprecated_at=None)
    client, wrong = make_client(bank.sam), []
    for (name, key, real, absent), method in product(named, ("get", "post")):
        here, nowhere = (
            normalize_answer(send_request(client, method, f"{reverse(name)}?{key}={one}", {}))
            for one in (real, absent)
        )
        if here != nowhere or here[0] not in {404, 405}:
            wrong.append(f"{name}?{key} by {method}: {here[0]}, and {nowhere[0]} where nothing is")
    assert not wrong, "\n".join(wrong)
