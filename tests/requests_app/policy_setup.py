"""Published policies, and the people whose approval they require."""

from typing import Any

from fulfilment.observations.models import RegisteredLocation
from identity.people.models import Membership, Person, PlatformRole
from kernel import clock
from requests_app.access_requests.models import RequestItem
from requests_app.grants.models import Grant
from requests_app.policies.models import PolicyVersion
from requests_app.policy_editing.actions import draft_policy, publish_policy
from requests_app.review.actions import approve_item
from requests_app.review.terms import NOT_NARROWED, compute_approval_hash, copy_with_terms, narrow_terms
from requests_app.targets.checks import compute_effects
from tests import factories
from tests.bank import Bank
from tests.database import as_role

AUTOMATIC_RULE = {
    "name": "public-at-once",
    "when": {"classification": ["public"]},
    "then": {"automatic": True},
}


def make_approval_rule(*needs: dict[str, Any], name: str = "more-people", **when: Any) -> dict[str, Any]:
    return {"name": name, "when": when, "then": {"needs": list(needs)}}


def publish_rules(bank: Bank, *rules: dict[str, Any], everywhere: bool = False) -> PolicyVersion:
    """Of Insurance by Ines, or everywhere by Greta."""
    person, domain = (bank.greta, None) if everywhere else (bank.ines, bank.domain)
    said: dict[str, Any] = {"acting_user": person, "now": clock.now()}
    draft = draft_policy(domain=domain, rules=list(rules), note="As it was agreed.", **said)
    return publish_policy(version_id=draft.pk, **said)


def register_location(bank: Bank) -> None:
    """The tables' location with Lake Formation, as the engine would have read it: nothing is left to be made first."""
    with as_role("meshmarket_worker"):
        RegisteredLocation.objects.create(catalog=bank.catalog, arn="arn:aws:s3:::gold", seen_at=clock.now())


def make_privacy(name: str = "Pia Falk") -> Person:
    person = factories.make_person(name)
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=person, role=PlatformRole.Role.PRIVACY)
    return person


def make_lead(bank: Bank, name: str = "Leo Berg") -> Person:
    person = factories.make_person(name)
    factories.add_members(bank.bi, Membership.Role.LEAD, [person])
    return person


def approve_as(person: Person, item: RequestItem, **changes: Any) -> Grant | None:
    narrowed = changes.get("narrowed", NOT_NARROWED)
    asked = copy_with_terms(item, narrow_terms(item, narrowed, clock.now()))
    shown = compute_approval_hash(item, compute_effects(asked), narrowed)
    said: dict[str, Any] = {
        "acting_user": person,
        "item_id": item.pk,
        "effects_hash": shown,
        "comment": "",
        "now": clock.now(),
    }
    return approve_item(**said | changes)


def reload_item(item: RequestItem) -> RequestItem:
    """As it is in the database now."""
    return RequestItem.objects.get(pk=item.pk)
