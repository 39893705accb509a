"""Which verb leads an item where, said by whom: the one table that a test walks through and docs/states.md shows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from audit import clock
from identity.people.models import Membership, Person, PlatformRole
from requests_app.access_requests.models import Item
from requests_app.access_requests.states import ItemState
from requests_app.review.actions import approve_item, reject_item
from requests_app.review.approval_hash import compute_item_approval_hash
from requests_app.review.comments import comment_on_item, return_item
from requests_app.submission.actions import withdraw_item
from requests_app.submission.changes import resubmit_item
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank

Verb = Callable[[Person, Item], Any]

PEOPLE = {
    "asker": "who asked",
    "colleague": "another of the team that asks",
    "answers": "who answers for the service role that reads, a lead of that team as well",
    "lead": "a lead of the requesting team",
    "owner": "a data owner of the domain",
    "delegate": "who decides for a data owner",
    "developer": "another of the owners' team",
    "steward": "a steward",
    "privacy": "a privacy officer",
    "governance": "a governance admin",
    "auditor": "an auditor",
    "stranger": "anybody else",
}
RULED = ("lead", "owner", "steward", "privacy")
"""Whose yes the rule wants, in one step, of the second table."""


def approve(person: Person, item: Item) -> Any:
    shown = compute_item_approval_hash(item)
    return approve_item(acting_user=person, item_id=item.pk, effects_hash=shown, comment="", now=clock.now())


def reject(person: Person, item: Item) -> Any:
    return reject_item(acting_user=person, item_id=item.pk, comment="No.", now=clock.now())


def send_back(person: Person, item: Item) -> Any:
    return return_item(acting_user=person, item_id=item.pk, comment="Fewer?", key="r", now=clock.now())


def change(person: Person, item: Item) -> Any:
    ask = RequestedItem(item.table_id, ("claim_id",), whole_table=False, product_id=None)
    return resubmit_item(
        acting_user=person, item_id=item.pk, ask=ask, ends_at=item.ends_at, comment="", now=clock.now()
    )


def withdraw(person: Person, item: Item) -> Any:
    return withdraw_item(acting_user=person, item_id=item.pk, now=clock.now())


def comment(person: Person, item: Item) -> Any:
    return comment_on_item(acting_user=person, item_id=item.pk, comment="Why?", key="c", now=clock.now())


WORDS: dict[Verb, str] = {
    approve: "approve",
    reject: "reject",
    send_back: "send back",
    change: "change",
    withdraw: "withdraw",
    comment: "comment",
}
VERBS = tuple(WORDS)


@dataclass(frozen=True)
class Way:
    """In these states these people may say it, and where it leads; None: it stays where it was."""

    states: tuple[str, ...]
    verb: Verb
    people: tuple[str, ...]
    leads_to: str | None


EVERY = tuple(ItemState.values)
ASKERS = (
    Way(("submitted", "returned"), withdraw, ("asker",), "withdrawn"),
    Way(("returned",), change, ("asker",), "submitted"),
)
BY_THE_OWNER = (
    Way(("submitted",), approve, ("owner", "delegate"), "approved"),
    Way(("submitted",), reject, ("owner", "delegate"), "rejected"),
    Way(("submitted",), send_back, ("owner", "delegate"), "returned"),
    *ASKERS,
    Way(EVERY, comment, ("asker", "owner", "delegate"), None),
)
BY_SEVERAL = (
    Way(("submitted",), approve, (*RULED, "delegate"), None),
    Way(("submitted",), reject, (*RULED, "delegate"), "rejected"),
    Way(("submitted",), send_back, (*RULED, "delegate"), "returned"),
    *ASKERS,
    Way(EVERY, comment, ("asker", *RULED, "delegate"), None),
)


def people_of(bank: Bank) -> dict[str, Person]:
    """One of each kind, by the names of PEOPLE; the delegate decides for Ines today."""
    made = {name: factories.make_person(name.title()) for name in PEOPLE}
    made |= {"asker": bank.ana, "owner": bank.ivo, "governance": bank.greta, "stranger": bank.sam}
    factories.join(bank.bi, Membership.Role.MEMBER, [made["colleague"]])
    factories.join(bank.bi, Membership.Role.LEAD, [made["lead"], made["answers"]])
    factories.join(bank.insurance, Membership.Role.DEVELOPER, [made["delegate"], made["developer"]])
    for name in ("steward", "privacy", "auditor"):
        PlatformRole.objects.create(person=made[name], role=name)
    return made
