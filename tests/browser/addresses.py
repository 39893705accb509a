"""Every page that the URL table has, rendered by the site for somebody who may see it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import URLPattern, reverse

import portal.urls
from audit import clock
from identity.people.models import Membership, Person
from requests_app.access_requests.models import Item
from requests_app.break_glass.models import StandingConsent
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from requests_app.policies.models import PolicyVersion
from requests_app.policy_editing.actions import put_policy_in_force
from requests_app.review.comments import return_item
from tests import factories
from tests.bank import Bank, approve, ask
from tests.portal.conftest import signed_in
from tests.portal.everything import args_of, one_of_each
from tests.portal.of_the_machine import of_the_machine
from tests.requests_app.lf_tags_request import carry
from tests.requests_app.review.test_column_holds import held

NOT_ALLOWED = 405


@dataclass
class Rendered:
    """`pages` by address; `deeds` answer with no page of their own; `unseen` by name: to nobody here is there one."""

    pages: dict[str, HttpResponse] = field(default_factory=dict)
    deeds: set[str] = field(default_factory=set)
    unseen: set[str] = field(default_factory=set)


def rendered(bank: Bank) -> Rendered:
    """With one of each thing, and a form for whatever is asked for in the address."""
    there, queries, found = one_of_each(bank), questions(bank), Rendered()
    there |= {**of_the_machine(bank), **waiting(bank)}
    draft = PolicyVersion.objects.get(domain=bank.domain, number=there["policy-version-retire"]["number"])
    put_policy_in_force(acting_user=bank.ines, version_id=draft.pk, now=clock.now())
    people = Person.objects.filter(is_active=True).order_by("pk")
    for one in portal.urls.urlpatterns:
        assert isinstance(one, URLPattern)
        address = address_of(one, there, bank)
        if address is not None:
            _look(found, str(one.name), address + queries.get(str(one.name), ""), list(people))
        else:
            found.unseen.add(str(one.name))
    return found


def waiting(bank: Bank) -> dict[str, Any]:
    """What came back to its asker, and a column that is held back; after `questions`."""
    returned = Item.objects.get(request__submission_key="returned")
    grant = Grant.objects.get(item__request__submission_key="granted")
    return {"request-item-resubmit": returned.pk, "hold-release": held(bank, grant).pk}


def address_of(one: URLPattern, there: Mapping[str, Any], bank: Bank) -> str | None:
    """None for one that names a thing which is not there."""
    try:
        return reverse(
            str(one.name), kwargs=args_of(str(one.name), tuple(one.pattern.converters), there, bank)
        )
    except LookupError:
        return None


def _look(found: Rendered, name: str, address: str, people: list[Person]) -> None:
    for answer in _answers(address, people):
        if answer.status_code == NOT_ALLOWED or "attachment" in answer.headers.get("Content-Disposition", ""):
            found.deeds.add(name)
            return
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            found.pages[address] = answer
            return
    found.unseen.add(name)


def _answers(address: str, people: list[Person]) -> Iterator[HttpResponse]:
    for person in people:
        yield signed_in(person).get(address)  # type: ignore[misc]


def questions(bank: Bank) -> dict[str, str]:
    """By the name of an address, what is asked in it."""
    factories.join(bank.bi, Membership.Role.ACCOUNT_ADMIN, [bank.ana])
    carry(bank.claims, {"tier": "gold"})
    roles = [factories.make_principal(bank.bi_account, f"role-{number}") for number in range(3)]
    items = [ask(bank, principal=role, submission_key=role.name).items.get() for role in roles]
    back = ask(bank, principal=factories.make_principal(bank.bi_account, "back"), submission_key="returned")
    said = {"comment": "Fewer columns, please.", "key": "r", "now": clock.now()}
    return_item(acting_user=bank.ines, item_id=back.items.get().pk, **said)  # type: ignore[arg-type]
    wish = f"?person={bank.ana.email}&table={bank.claims.pk}&columns=claim_id&purpose=Report&days=30"
    return {
        "access-request-new": f"?table={bank.claims.pk}",
        "access-request-preview": f"?table={bank.claims.pk}",
        "offer-new": f"?data_product={bank.product.slug}",
        "break-glass-consent-new": f"?domain={bank.domain.slug}",
        "break-glass-session-new": f"?consent={StandingConsent.objects.latest('pk').pk}",
        "permissions": f"?catalog={bank.catalog.short_name}",
        "bulk-review": "?" + "&".join(f"item={item.pk}" for item in items),
        "policy-evaluate": wish,
        "data-product-access-revoked": "?" + urlencode({"at": ended(bank).isoformat()}),
    }


def ended(bank: Bank) -> datetime:
    """When a grant ended that was made for it."""
    role = factories.make_principal(bank.bi_account, "over")
    grant = approve(bank, ask(bank, principal=role, submission_key="over").items.get())
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="No longer needed.", now=clock.now())
    at = Grant.objects.get(pk=grant.pk).ended_at
    assert at is not None
    return at
