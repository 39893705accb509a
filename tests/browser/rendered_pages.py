"""Every page that the URL table has, rendered by the site for somebody who may see it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from identity.people.models import Membership, Person
from kernel import clock
from requests_app.access_requests.models import RequestItem
from requests_app.break_glass.models import BreakGlassConsent
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from requests_app.policies.models import PolicyVersion
from requests_app.policy_editing.actions import publish_policy
from requests_app.review.comments import request_changes
from tests import factories
from tests.bank import Bank, approve, submit_bank_request
from tests.portal.conftest import make_client
from tests.portal.sample_engine_objects import make_sample_engine_objects
from tests.portal.sample_objects import build_url_arguments, make_sample_objects
from tests.requests_app.lf_tags_request import assign_tags
from tests.requests_app.review.test_column_holds import make_hold

METHOD_NOT_ALLOWED = 405


@dataclass
class RenderedPages:
    """`pages` by address; `actions` answer with no page of their own; nobody can see `unreachable` ones."""

    pages: dict[str, HttpResponse] = field(default_factory=dict)
    actions: set[str] = field(default_factory=set)
    unreachable: set[str] = field(default_factory=set)


def render_pages(bank: Bank, patterns: Iterable[URLPattern | URLResolver]) -> RenderedPages:
    """With one of each thing, and a form for whatever is asked for in the address."""
    there, queries, found = make_sample_objects(bank), build_query_strings(bank), RenderedPages()
    there |= {**make_sample_engine_objects(bank), **make_waiting_objects(bank)}
    draft = PolicyVersion.objects.get(domain=bank.domain, number=there["policy-version-retire"]["number"])
    publish_policy(acting_user=bank.ines, version_id=draft.pk, now=clock.now())
    clients = [make_client(person) for person in Person.objects.filter(is_active=True).order_by("pk")]
    for one in patterns:
        assert isinstance(one, URLPattern)
        address = build_address(one, there, bank)
        if address is not None:
            _render(found, str(one.name), address + queries.get(str(one.name), ""), clients)
        else:
            found.unreachable.add(str(one.name))
    return found


def make_waiting_objects(bank: Bank) -> dict[str, Any]:
    """An item returned to its requester, and a held column; call it after `make_sample_objects`."""
    returned = RequestItem.objects.get(request__idempotency_key="returned")
    grant = Grant.objects.get(item__request__idempotency_key="granted")
    return {"request-item-resubmit": returned.pk, "hold-release": make_hold(bank, grant).pk}


def build_address(one: URLPattern, there: Mapping[str, Any], bank: Bank) -> str | None:
    """None for one that names a thing which is not there."""
    try:
        return reverse(
            str(one.name),
            kwargs=build_url_arguments(str(one.name), tuple(one.pattern.converters), there, bank),
        )
    except LookupError:
        return None


def _render(found: RenderedPages, name: str, address: str, clients: list[Client]) -> None:
    for client in clients:
        answer = client.get(address)
        if answer.status_code == METHOD_NOT_ALLOWED or "attachment" in answer.headers.get(
            "Content-Disposition", ""
        ):
            found.actions.add(name)
            return
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            found.pages[address] = answer  # type: ignore[assignment]
            return
    found.unreachable.add(name)


def build_query_strings(bank: Bank) -> dict[str, str]:
    """By the name of an address, what is asked in it."""
    factories.add_members(bank.bi, Membership.Role.ACCOUNT_ADMIN, [bank.ana])
    assign_tags(bank.claims, {"tier": "gold"})
    roles = [factories.make_principal(bank.bi_account, f"role-{number}") for number in range(3)]
    items = [
        submit_bank_request(bank, principal=role, idempotency_key=role.name).items.get() for role in roles
    ]
    back = submit_bank_request(
        bank, principal=factories.make_principal(bank.bi_account, "back"), idempotency_key="returned"
    )
    said = {"comment": "Fewer columns, please.", "idempotency_key": "r", "now": clock.now()}
    request_changes(acting_user=bank.ines, item_id=back.items.get().pk, **said)  # type: ignore[arg-type]
    wish = f"?person={bank.ana.email}&table={bank.claims.pk}&columns=claim_id&purpose=Report&days=30"
    return {
        "access-request-new": f"?table={bank.claims.pk}",
        "access-request-preview": f"?table={bank.claims.pk}",
        "problem-new": f"?data_product={bank.product.slug}",
        "tag-change-new": f"?table={bank.claims.pk}",
        "offer-new": f"?data_product={bank.product.slug}",
        "break-glass-consent-new": f"?domain={bank.domain.slug}",
        "break-glass-session-new": f"?consent={BreakGlassConsent.objects.latest('pk').pk}",
        "permissions": f"?catalog={bank.catalog.short_name}",
        "bulk-review": "?" + "&".join(f"item={item.pk}" for item in items),
        "policy-evaluate": wish,
        "data-product-access-revoked": "?" + urlencode({"at": end_sample_grant(bank).isoformat()}),
    }


def end_sample_grant(bank: Bank) -> datetime:
    """When a grant ended that was made for it."""
    role = factories.make_principal(bank.bi_account, "over")
    grant = approve(bank, submit_bank_request(bank, principal=role, idempotency_key="over").items.get())
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="No longer needed.", now=clock.now())
    at = Grant.objects.get(pk=grant.pk).ended_at
    assert at is not None
    return at
