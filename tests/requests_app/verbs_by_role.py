"""Which action leads an item where, taken by whom: a test walks through it and docs/states.md shows it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from identity.people.models import Membership, Person, PlatformRole
from kernel import clock
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.review.actions import approve_item, reject_item
from requests_app.review.comments import comment_on_item, request_changes
from requests_app.review.terms import compute_item_approval_hash
from requests_app.submission.actions import withdraw_item
from requests_app.submission.changes import resubmit_item
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank
from tests.database import as_role

Verb = Callable[[Person, RequestItem], Any]

ROLE_DESCRIPTIONS = {
    "current_requester": "the requester",
    "colleague": "another member of the requesting team",
    "answers": "the person responsible for the service role, who is also a lead of that team",
    "lead": "a lead of the requesting team",
    "owner": "a data owner of the domain",
    "delegate": "a delegate of a data owner",
    "developer": "another member of the owning team",
    "steward": "a steward",
    "privacy": "a privacy officer",
    "governance": "a governance admin",
    "auditor": "an auditor",
    "stranger": "anybody else",
}
REQUIRED_ROLES = ("lead", "owner", "steward", "privacy")
"""Whose yes the rule wants, in one step, of the second table."""


def approve(person: Person, item: RequestItem) -> Any:
    shown = compute_item_approval_hash(item)
    return approve_item(acting_user=person, item_id=item.pk, effects_hash=shown, comment="", now=clock.now())


def reject(person: Person, item: RequestItem) -> Any:
    return reject_item(acting_user=person, item_id=item.pk, comment="No.", now=clock.now())


def ask_for_changes(person: Person, item: RequestItem) -> Any:
    return request_changes(
        acting_user=person, item_id=item.pk, comment="Fewer?", idempotency_key="r", now=clock.now()
    )


def resubmit(person: Person, item: RequestItem) -> Any:
    ask = RequestedItem(item.table_id, ("claim_id",), whole_table=False, product_id=None)
    return resubmit_item(
        acting_user=person,
        item_id=item.pk,
        requested_item=ask,
        ends_at=item.ends_at,
        comment="",
        now=clock.now(),
    )


def withdraw(person: Person, item: RequestItem) -> Any:
    return withdraw_item(acting_user=person, item_id=item.pk, now=clock.now())


def comment(person: Person, item: RequestItem) -> Any:
    return comment_on_item(
        acting_user=person, item_id=item.pk, comment="Why?", idempotency_key="c", now=clock.now()
    )


VERB_NAMES: dict[Verb, str] = {
    approve: "approve",
    reject: "reject",
    ask_for_changes: "send back",
    resubmit: "change",
    withdraw: "withdraw",
    comment: "comment",
}
VERBS = tuple(VERB_NAMES)


@dataclass(frozen=True)
class VerbRule:
    """In these states these people may say it, and where it leads; None: it stays where it was."""

    states: tuple[str, ...]
    verb: Verb
    people: tuple[str, ...]
    next_state: str | None


ALL_STATES = tuple(ItemState.values)
REQUESTER_RULES = (
    VerbRule(("submitted", "returned"), withdraw, ("current_requester",), "withdrawn"),
    VerbRule(("returned",), resubmit, ("current_requester",), "submitted"),
)
OWNER_RULES = (
    VerbRule(("submitted",), approve, ("owner", "delegate"), "approved"),
    VerbRule(("submitted",), reject, ("owner", "delegate"), "rejected"),
    VerbRule(("submitted",), ask_for_changes, ("owner", "delegate"), "returned"),
    *REQUESTER_RULES,
    VerbRule(ALL_STATES, comment, ("current_requester", "owner", "delegate"), None),
)
QUORUM_RULES = (
    VerbRule(("submitted",), approve, (*REQUIRED_ROLES, "delegate"), None),
    VerbRule(("submitted",), reject, (*REQUIRED_ROLES, "delegate"), "rejected"),
    VerbRule(("submitted",), ask_for_changes, (*REQUIRED_ROLES, "delegate"), "returned"),
    *REQUESTER_RULES,
    VerbRule(ALL_STATES, comment, ("current_requester", *REQUIRED_ROLES, "delegate"), None),
)


def make_people(bank: Bank) -> dict[str, Person]:
    """One of each kind, by the names of PEOPLE; the delegate decides for Ines today."""
    made = {name: factories.make_person(name.title()) for name in ROLE_DESCRIPTIONS}
    made |= {"current_requester": bank.ana, "owner": bank.ivo, "governance": bank.greta, "stranger": bank.sam}
    factories.add_members(bank.bi, Membership.Role.MEMBER, [made["colleague"]])
    factories.add_members(bank.bi, Membership.Role.LEAD, [made["lead"], made["answers"]])
    factories.add_members(bank.insurance, Membership.Role.DEVELOPER, [made["delegate"], made["developer"]])
    for name in ("steward", "privacy", "auditor"):
        with as_role("meshmarket_owner"):
            PlatformRole.objects.create(person=made[name], role=name)
    return made
