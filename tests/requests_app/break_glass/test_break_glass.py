"""Break-glass: hours only, on a consent given ahead and on two names; the database holds it, too."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.actions import record_event
from audit.models import Event
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.break_glass.actions import (
    confirm_break_glass_session,
    end_break_glass_session,
    give_consent,
    open_break_glass_session,
    review_break_glass_session,
    revoke_consent,
)
from requests_app.break_glass.models import BreakGlassConsent, BreakGlassSession
from requests_app.break_glass.queries import find_open_session
from requests_app.errors import EffectsChangedError
from requests_app.grants.models import Grant
from requests_app.review.terms import compute_item_approval_hash
from tests import factories
from tests.bank import Bank, submit_bank_item
from tests.database import as_role
from tests.requests_app.notifications.projection import list_notification_texts, project_all_events


@dataclass(frozen=True)
class BreakGlassSetup:
    bank: Bank
    ben: Person

    def give_consent(self, *, by: Person | None = None, **changes: Any) -> BreakGlassConsent:
        bank, now = self.bank, clock.now()
        said: dict[str, Any] = {
            "domain": bank.domain, "named_person": bank.ana, "second_person": self.ben, "principal": bank.role,
            "tables": [bank.claims], "max_hours": 4, "expires_at": now + timedelta(days=90), "reason": "Incidents.", "idempotency_key": "s",
        }  # fmt: skip
        return give_consent(acting_user=by or bank.ines, now=now, **said | changes)

    def open_session(
        self, consent: BreakGlassConsent, *, by: Person | None = None, **changes: Any
    ) -> BreakGlassSession:
        said: dict[str, Any] = {
            "hours": 2,
            "reason": "Incident 4711 at night.",
            "idempotency_key": "b-1",
            "now": clock.now(),
        }
        return open_break_glass_session(
            acting_user=by or self.bank.ana, consent_id=consent.pk, **said | changes
        )

    def confirm_session(
        self, taken: BreakGlassSession, *, by: Person | None = None, **changes: Any
    ) -> BreakGlassSession:
        items = RequestItem.objects.filter(request=taken.request_id)
        said: dict[str, Any] = {
            "effects_hashes": {i.pk: compute_item_approval_hash(i) for i in items},
            "now": clock.now(),
        }
        return confirm_break_glass_session(acting_user=by or self.ben, session_id=taken.pk, **said | changes)


@pytest.fixture
def scene(bank: Bank) -> BreakGlassSetup:
    ben = factories.make_person("Ben Frey")
    factories.add_members(bank.bi, "member", [ben])
    return BreakGlassSetup(bank, ben)


def test_two_names_on_a_consent_open_it_for_hours_and_an_owner_closes_it(scene: BreakGlassSetup) -> None:
    bank, taken = scene.bank, scene.open_session(scene.give_consent())
    assert not Grant.objects.exists()
    scene.confirm_session(taken)
    grant = Grant.objects.get()
    assert (grant.ends_at - taken.started_at, grant.intent.expires_at) == (
        timedelta(hours=2),
        grant.ends_at,
    )
    decision = Decision.objects.get()
    assert (decision.decided_by, decision.by_consent) == (bank.ines, taken.consent)
    assert (decision.ends_at, grant.event) == (grant.ends_at, decision.event)
    assert grant.event.data["consent"] == taken.consent_id
    assert find_open_session(bank.ivo) == taken
    with pytest.raises(RefusedError, match="Some of this access is still active"):
        review_break_glass_session(
            acting_user=bank.ivo, session_id=taken.pk, comment="Fine.", now=clock.now()
        )
    end_break_glass_session(acting_user=bank.ivo, session_id=taken.pk, reason="Over.", now=clock.now())
    grant.refresh_from_db()
    assert (grant.state, grant.ended_by) == ("revoked", bank.ivo)
    with pytest.raises(RefusedError, match="Say what you found"):
        review_break_glass_session(acting_user=bank.ivo, session_id=taken.pk, comment=" ", now=clock.now())
    review_break_glass_session(
        acting_user=bank.ivo, session_id=taken.pk, comment="As agreed.", now=clock.now()
    )
    assert (BreakGlassSession.objects.get().state, find_open_session(bank.ivo)) == ("reviewed", None)


def test_owners_hear_of_it_at_once_and_of_each_step(scene: BreakGlassSetup) -> None:
    taken = scene.open_session(scene.give_consent())
    scene.confirm_session(taken)
    project_all_events()
    said = list_notification_texts(scene.bank.ivo)
    assert any("requests break-glass access" in words for words in said)
    assert any("confirmed break-glass access" in words for words in said)
    assert any("requests break-glass access" in words for words in list_notification_texts(scene.ben))


@pytest.mark.parametrize("who", ["ana", "greta", "sam"])
def test_nobody_but_a_data_owner_of_the_domain_consents(scene: BreakGlassSetup, who: str) -> None:
    with pytest.raises(ForbiddenError):
        scene.give_consent(by=getattr(scene.bank, who), named_person=scene.bank.ines)
    assert not BreakGlassConsent.objects.exists()


REFUSED: dict[str, Callable[[BreakGlassSetup], dict[str, Any]]] = {
    "three people": lambda scene: {"second_person": scene.bank.ana},
    "1 to 24 hours": lambda scene: {"max_hours": 25},
    "within a year": lambda scene: {"expires_at": clock.now() + timedelta(days=400)},
    "not in BI": lambda scene: {"named_person": scene.bank.sam},
    "1 to 50 tables": lambda scene: {"tables": []},
}


@pytest.mark.parametrize("words", REFUSED)
def test_a_consent_that_does_not_stand_is_refused(scene: BreakGlassSetup, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        scene.give_consent(**REFUSED[words](scene))


def test_only_the_two_who_are_named_and_each_once(scene: BreakGlassSetup) -> None:
    bank, consent = scene.bank, scene.give_consent()
    with pytest.raises(ForbiddenError):
        scene.open_session(consent, by=scene.ben)
    for person in (bank.sam, bank.greta):
        with pytest.raises((ForbiddenError, NotFoundError)):
            scene.open_session(consent, by=person)
    with pytest.raises(RefusedError, match="at most 4 hours"):
        scene.open_session(consent, hours=5)
    taken = scene.open_session(consent)
    assert scene.open_session(consent) == taken
    for person in (bank.ana, bank.ines, bank.greta):
        with pytest.raises(ForbiddenError):
            scene.confirm_session(taken, by=person)
    scene.confirm_session(taken)
    with pytest.raises(IllegalTransitionError):
        scene.confirm_session(taken)
    assert Grant.objects.count() == 1


def test_the_key_of_an_ordinary_ask_is_refused(scene: BreakGlassSetup) -> None:
    consent = scene.give_consent()
    submit_bank_item(scene.bank, idempotency_key="b-1")
    with pytest.raises(RefusedError, match="already sent"):
        scene.open_session(consent)
    assert not BreakGlassSession.objects.exists()


def test_it_is_confirmed_within_the_hour_while_the_consent_holds(scene: BreakGlassSetup) -> None:
    consent = scene.give_consent()
    taken = scene.open_session(consent)
    with pytest.raises(ForbiddenError, match="not confirmed in time"):
        scene.confirm_session(taken, now=taken.expires_at)
    revoke_consent(acting_user=scene.bank.ivo, consent_id=consent.pk, now=clock.now())
    with pytest.raises(ForbiddenError, match="was revoked"):
        scene.confirm_session(taken)
    with pytest.raises(ForbiddenError, match="was revoked"):
        scene.open_session(consent, idempotency_key="b-2")
    assert not Grant.objects.exists()


def test_an_owner_who_left_consents_no_more(scene: BreakGlassSetup) -> None:
    consent = scene.give_consent()
    with as_role("meshmarket_owner"):
        scene.bank.ines.memberships.all().delete()
    with pytest.raises(ForbiddenError, match="no longer a data owner"):
        scene.open_session(consent)


def test_the_second_name_binds_the_effects_that_were_shown(scene: BreakGlassSetup) -> None:
    taken = scene.open_session(scene.give_consent())
    shown = {item.pk: "0" * 64 for item in RequestItem.objects.all()}
    with pytest.raises(EffectsChangedError):
        scene.confirm_session(taken, effects_hashes=shown)
    assert (BreakGlassSession.objects.get().state, Grant.objects.count()) == ("asked", 0)


def test_the_database_refuses_a_yes_by_a_consent_that_does_not_cover_it(scene: BreakGlassSetup) -> None:
    consent = scene.give_consent()
    taken = scene.open_session(consent)
    other = submit_bank_item(scene.bank)
    now = clock.now()
    for item in (RequestItem.objects.get(request=taken.request_id), other):
        event = record_event(verb="test", actor="engine:test", subject=f"item:{item.pk}", data={}, now=now)
        with (
            pytest.raises(IntegrityError, match="no confirmed session under a standing consent"),
            transaction.atomic(),
        ):
            Decision.objects.create(
                item=item, requester=scene.bank.ana, decided_by=scene.bank.ines, decided_at=now, answer="approve",
                effects_hash="0" * 64, by_consent=consent, event=event,
            )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"hours": 25}, "consent_for_hours"),
        ({"confirmer": "ana"}, "consent_of_three_people"),
        ({"granted_by": "greta"}, "is no data owner of domain"),
    ],
)
def test_the_database_refuses_a_consent_that_is_no_owners(
    scene: BreakGlassSetup, changes: dict[str, Any], constraint: str
) -> None:
    first, now = scene.give_consent(), clock.now()
    people = {name: getattr(scene.bank, value) for name, value in changes.items() if isinstance(value, str)}
    said = (
        {
            "hours": 4,
            "granted_by": scene.bank.ines,
            "recipient": scene.bank.ana,
            "confirmer": scene.ben,
        }
        | changes
        | people
    )
    event = record_event(verb="test", actor="engine:test", subject="test:1", data={}, now=now)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        BreakGlassConsent.objects.create(
            domain=first.domain, principal=first.principal, until=first.until, granted_at=now, reason="x", key="k2",
            event=event, **said,
        )  # fmt: skip
    assert Event.objects.filter(verb="give_consent").count() == 1
