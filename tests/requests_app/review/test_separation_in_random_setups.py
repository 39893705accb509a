"""Random set-ups of teams, roles, delegations, rules, offers and consents: whoever tries whatever, nobody decides for
themselves, and nothing is granted without the producer.
"""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from identity.people.models import Membership, Person, PlatformRole
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.break_glass.actions import (
    confirm_break_glass_session,
    give_consent,
    open_break_glass_session,
)
from requests_app.grants.models import Grant
from requests_app.policy_editing.actions import draft_policy, publish_policy
from requests_app.review.bulk.actions import decide_in_bulk
from requests_app.review.bulk.execution import execute_due
from requests_app.review.delegation.actions import delegate_decisions
from requests_app.review.terms import compute_item_approval_hash
from tests import factories
from tests.bank import Bank, submit_bank_request
from tests.database import as_role
from tests.offers import build_offer_item, publish_draft
from tests.requests_app.policy_setup import AUTOMATIC_RULE, approve_as, register_location
from tests.requests_app.review.test_separation import check_deferred, write_decision

SETUP_COUNT = 10
REFUSALS = (ForbiddenError, NotFoundError, RefusedError, IllegalTransitionError)
A_DAY = timedelta(days=1)
ROLES = [
    Membership.Role.MEMBER,
    Membership.Role.LEAD,
    Membership.Role.DATA_OWNER,
    Membership.Role.ACCOUNT_ADMIN,
]


def call_if_allowed(verb: Callable[..., Any], **said: Any) -> Any:
    """What the verb gives; None where it refuses."""
    with suppress(*REFUSALS):
        return verb(now=clock.now(), **said)
    return None


def make_random_people(bank: Bank, picks: random.Random) -> list[Person]:
    """Of the asking team, the owning one, both or none; some with a role across the mesh."""
    people = [factories.make_person(f"Person {letter}") for letter in "abcde"]
    for person in people:
        for team in (bank.bi, bank.insurance):
            if picks.random() < 0.5:
                factories.add_members(team, picks.choice(ROLES), [person])
        if picks.random() < 0.3:
            role = picks.choice([PlatformRole.Role.PRIVACY, PlatformRole.Role.STEWARD])
            with as_role("meshmarket_owner"):
                PlatformRole.objects.create(person=person, role=role)
    return [*people, bank.ana, bank.ines, bank.ivo, bank.greta]


def make_random_rules(bank: Bank, people: list[Person], picks: random.Random) -> None:
    """Delegations and rules, by whoever is let."""
    for owner, other in (picks.sample(people, 2) for _ in range(6)):
        now = clock.now()
        times = {"starts_at": now - A_DAY, "ends_at": now + A_DAY}
        call_if_allowed(delegate_decisions, acting_user=owner, team=bank.insurance, delegate=other, **times)
    needs = [{"role": role} for role in ("lead", "privacy", "owner") if picks.random() < 0.3]
    rules = [AUTOMATIC_RULE] if not needs else [{"name": "more", "then": {"needs": needs}}]
    writer, note = picks.choice(people), "As it was agreed."
    draft = call_if_allowed(draft_policy, acting_user=writer, domain=bank.domain, rules=rules, note=note)
    if draft:
        call_if_allowed(publish_policy, acting_user=writer, version_id=draft.pk)


def make_random_service_role(bank: Bank, people: list[Person], picks: random.Random) -> None:
    """The role that would read is one that a service takes on, in half of the set-ups."""
    if picks.random() < 0.5:
        bank.role.services, bank.role.owner = ["glue.amazonaws.com"], picks.choice(people)
        bank.role.save(update_fields=["services", "owner"])


def break_glass(bank: Bank, people: list[Person], picks: random.Random) -> None:
    giver, recipient, second = (picks.choice(people) for _ in range(3))
    consent = call_if_allowed(
        give_consent, acting_user=giver, domain=bank.domain, named_person=recipient, second_person=second, principal=bank.role,
        tables=[bank.claims], max_hours=2, expires_at=clock.now() + A_DAY, reason="Incidents at night.", idempotency_key="c",
    )  # fmt: skip
    if consent is None:
        return
    words = {"hours": 1, "reason": "Incident 4711 at night.", "idempotency_key": "b"}
    taken = call_if_allowed(open_break_glass_session, acting_user=recipient, consent_id=consent.pk, **words)
    if taken:
        shown = {item.pk: compute_item_approval_hash(item) for item in taken.request.items.all()}
        for person in people:
            call_if_allowed(
                confirm_break_glass_session, acting_user=person, session_id=taken.pk, effects_hashes=shown
            )


def try_all_decisions(items: list[RequestItem], people: list[Person], picks: random.Random) -> None:
    """Each alone and on several at once, in any order, twice: what others said meanwhile may have made it their turn."""
    for person in picks.sample(people, len(people)) * 2:
        for item in items:
            call_if_allowed(lambda now, item=item, person=person: approve_as(person, item))
        shown = {item.pk: compute_item_approval_hash(item) for item in items}
        bulk = {"answer": "approve", "effects_hashes": shown, "comment": "", "idempotency_key": "k"}
        call_if_allowed(decide_in_bulk, acting_user=person, **bulk)
        execute_due(clock.now() + A_DAY)


def check_item(item: RequestItem) -> None:
    """Nobody spoke for their own side, themselves or by another; a grant has the yes of an owner outside it."""
    asking = {item.request.team_id, item.request.principal.account.team_id}
    for one in Decision.objects.filter(item=item):
        speakers = {one.decided_by_id, one.on_behalf_of_id} - {None}
        assert not speakers & {item.requester_id, item.request.principal.owner_id}
        inside = Membership.objects.filter(person__in=speakers, team__in=asking)
        assert one.role == "lead" or not inside.exists()
    if Grant.objects.filter(item=item).exists():
        owners = Membership.objects.filter(team=item.table.database.domain.owner_team_id, role="data_owner")  # type: ignore[union-attr]
        said = Decision.objects.filter(item=item, answer="approve", role="owner")
        speakers = {one.on_behalf_of_id or one.decided_by_id for one in said}
        assert speakers & set(owners.values_list("person", flat=True))


def check_database_refusals(item: RequestItem, people: list[Person]) -> None:
    for person in people:
        insider = Membership.objects.filter(person=person, team=item.request.team_id).exists()
        if insider or person.pk in {item.requester_id, item.request.principal.owner_id}:
            with pytest.raises(DatabaseError), transaction.atomic():
                write_decision(item, decided_by=person, effects_hash="d" * 64)


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(one, marks=pytest.mark.all) for one in range(2, SETUP_COUNT))]
)
def test_nobody_decides_for_themselves(bank: Bank, seed: int) -> None:
    picks = random.Random(seed)
    register_location(bank)
    people = make_random_people(bank, picks)
    make_random_rules(bank, people, picks)
    make_random_service_role(bank, people, picks)
    offer = publish_draft(bank, automatic=picks.random() < 0.5, terms="")
    for current_requester in picks.sample(people, 3):
        under_it = {"items": [build_offer_item(bank, offer)]} if picks.random() < 0.5 else {}
        with suppress(*REFUSALS):
            submit_bank_request(
                bank, acting_user=current_requester, idempotency_key=f"s-{current_requester.pk}", **under_it
            )
    break_glass(bank, people, picks)
    items = list(RequestItem.objects.all())
    try_all_decisions(items, people, picks)
    check_deferred()
    for item in items:
        check_item(item)
        check_database_refusals(item, people)
    theirs = RequestItem.objects.filter(needed_from=["owner"]).exclude(requester__in=[bank.ines, bank.ivo])
    assert not theirs or theirs.filter(state=ItemState.APPROVED).exists()
