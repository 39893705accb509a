"""Break-glass: hours only, on a consent given ahead and on two names; the database holds it, too."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit import clock
from audit.actions import record
from audit.models import Event
from identity.errors import ForbiddenError, NotFoundError, RefusedError
from identity.people.models import Person
from requests_app.access_requests.models import Decision, Item
from requests_app.break_glass.actions import (
    confirm_break_glass,
    end_break_glass,
    give_consent,
    review_break_glass,
    take_break_glass,
    withdraw_consent,
)
from requests_app.break_glass.models import BreakGlass, StandingConsent
from requests_app.break_glass.queries import find_alarm
from requests_app.errors import EffectsChangedError
from requests_app.grants.models import Grant
from requests_app.review.approval_hash import compute_item_approval_hash
from requests_app.state_transitions import IllegalTransitionError
from tests import factories
from tests.bank import Bank, asked_item
from tests.requests_app.notifications.projection_setup import tell, words_for


@dataclass(frozen=True)
class Scene:
    bank: Bank
    ben: Person

    def give(self, *, by: Person | None = None, **changes: Any) -> StandingConsent:
        bank, now = self.bank, clock.now()
        said: dict[str, Any] = {
            "domain": bank.domain, "taker": bank.ana, "second": self.ben, "principal": bank.role,
            "tables": [bank.claims], "hours": 4, "until": now + timedelta(days=90), "reason": "Incidents.", "key": "s",
        }  # fmt: skip
        return give_consent(acting_user=by or bank.ines, now=now, **said | changes)

    def take(self, consent: StandingConsent, *, by: Person | None = None, **changes: Any) -> BreakGlass:
        said: dict[str, Any] = {
            "hours": 2,
            "reason": "Incident 4711 at night.",
            "key": "b-1",
            "now": clock.now(),
        }
        return take_break_glass(acting_user=by or self.bank.ana, consent_id=consent.pk, **said | changes)

    def confirm(self, taken: BreakGlass, *, by: Person | None = None, **changes: Any) -> BreakGlass:
        items = Item.objects.filter(request=taken.request_id)
        said: dict[str, Any] = {
            "shown": {i.pk: compute_item_approval_hash(i) for i in items},
            "now": clock.now(),
        }
        return confirm_break_glass(acting_user=by or self.ben, break_glass_id=taken.pk, **said | changes)


@pytest.fixture
def scene(bank: Bank) -> Scene:
    ben = factories.make_person("Ben Frey")
    factories.join(bank.bi, "member", [ben])
    return Scene(bank, ben)


def test_two_names_on_a_consent_open_it_for_hours_and_an_owner_closes_it(scene: Scene) -> None:
    bank, taken = scene.bank, scene.take(scene.give())
    assert not Grant.objects.exists()
    scene.confirm(taken)
    grant = Grant.objects.get()
    assert (grant.ends_at - taken.taken_at, grant.intent.expires_at) == (timedelta(hours=2), grant.ends_at)
    decision = Decision.objects.get()
    assert (decision.decided_by, decision.by_consent) == (bank.ines, taken.consent)
    assert (decision.ends_at, grant.event) == (grant.ends_at, decision.event)
    assert grant.event.data["consent"] == taken.consent_id
    assert find_alarm(bank.ivo) == taken
    with pytest.raises(RefusedError, match="Some of this access is still active"):
        review_break_glass(acting_user=bank.ivo, break_glass_id=taken.pk, words="Fine.", now=clock.now())
    end_break_glass(acting_user=bank.ivo, break_glass_id=taken.pk, reason="Over.", now=clock.now())
    grant.refresh_from_db()
    assert (grant.state, grant.ended_by) == ("revoked", bank.ivo)
    with pytest.raises(RefusedError, match="Say what you found"):
        review_break_glass(acting_user=bank.ivo, break_glass_id=taken.pk, words=" ", now=clock.now())
    review_break_glass(acting_user=bank.ivo, break_glass_id=taken.pk, words="As agreed.", now=clock.now())
    assert (BreakGlass.objects.get().state, find_alarm(bank.ivo)) == ("reviewed", None)


def test_owners_hear_of_it_at_once_and_of_each_step(scene: Scene) -> None:
    taken = scene.take(scene.give())
    scene.confirm(taken)
    tell()
    said = words_for(scene.bank.ivo)
    assert any("requests break-glass access" in words for words in said)
    assert any("confirmed break-glass access" in words for words in said)
    assert any("requests break-glass access" in words for words in words_for(scene.ben))


@pytest.mark.parametrize("who", ["ana", "greta", "sam"])
def test_nobody_but_a_data_owner_of_the_domain_consents(scene: Scene, who: str) -> None:
    with pytest.raises(ForbiddenError):
        scene.give(by=getattr(scene.bank, who), taker=scene.bank.ines)
    assert not StandingConsent.objects.exists()


REFUSED: dict[str, Callable[[Scene], dict[str, Any]]] = {
    "three people": lambda scene: {"second": scene.bank.ana},
    "1 to 24 hours": lambda scene: {"hours": 25},
    "within a year": lambda scene: {"until": clock.now() + timedelta(days=400)},
    "not in BI": lambda scene: {"taker": scene.bank.sam},
    "1 to 50 tables": lambda scene: {"tables": []},
}


@pytest.mark.parametrize("words", REFUSED)
def test_a_consent_that_does_not_stand_is_refused(scene: Scene, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        scene.give(**REFUSED[words](scene))


def test_only_the_two_who_are_named_and_each_once(scene: Scene) -> None:
    bank, consent = scene.bank, scene.give()
    with pytest.raises(ForbiddenError):
        scene.take(consent, by=scene.ben)
    for person in (bank.sam, bank.greta):
        with pytest.raises((ForbiddenError, NotFoundError)):
            scene.take(consent, by=person)
    with pytest.raises(RefusedError, match="at most 4 hours"):
        scene.take(consent, hours=5)
    taken = scene.take(consent)
    assert scene.take(consent) == taken
    for person in (bank.ana, bank.ines, bank.greta):
        with pytest.raises(ForbiddenError):
            scene.confirm(taken, by=person)
    scene.confirm(taken)
    with pytest.raises(IllegalTransitionError):
        scene.confirm(taken)
    assert Grant.objects.count() == 1


def test_the_key_of_an_ordinary_ask_is_refused(scene: Scene) -> None:
    consent = scene.give()
    asked_item(scene.bank, submission_key="b-1")
    with pytest.raises(RefusedError, match="already sent"):
        scene.take(consent)
    assert not BreakGlass.objects.exists()


def test_it_is_confirmed_within_the_hour_while_the_consent_holds(scene: Scene) -> None:
    consent = scene.give()
    taken = scene.take(consent)
    with pytest.raises(ForbiddenError, match="not confirmed in time"):
        scene.confirm(taken, now=taken.lapses_at)
    withdraw_consent(acting_user=scene.bank.ivo, consent_id=consent.pk, now=clock.now())
    with pytest.raises(ForbiddenError, match="was revoked"):
        scene.confirm(taken)
    with pytest.raises(ForbiddenError, match="was revoked"):
        scene.take(consent, key="b-2")
    assert not Grant.objects.exists()


def test_an_owner_who_left_consents_no_more(scene: Scene) -> None:
    consent = scene.give()
    scene.bank.ines.memberships.all().delete()
    with pytest.raises(ForbiddenError, match="no longer a data owner"):
        scene.take(consent)


def test_the_second_name_binds_the_effects_that_were_shown(scene: Scene) -> None:
    taken = scene.take(scene.give())
    shown = {item.pk: "0" * 64 for item in Item.objects.all()}
    with pytest.raises(EffectsChangedError):
        scene.confirm(taken, shown=shown)
    assert (BreakGlass.objects.get().state, Grant.objects.count()) == ("asked", 0)


def test_the_database_refuses_a_yes_by_a_consent_that_does_not_cover_it(scene: Scene) -> None:
    consent = scene.give()
    taken = scene.take(consent)
    other = asked_item(scene.bank)
    now = clock.now()
    for item in (Item.objects.get(request=taken.request_id), other):
        event = record(verb="test", actor="test", subject=f"item:{item.pk}", data={}, now=now)
        with pytest.raises(IntegrityError, match="no standing consent with both names"), transaction.atomic():
            Decision.objects.create(
                item=item, requester=scene.bank.ana, decided_by=scene.bank.ines, decided_at=now, answer="approve",
                effects_hash="0" * 64, by_consent=consent, event=event,
            )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"hours": 25}, "consent_for_hours"),
        ({"second": "ana"}, "consent_of_three_people"),
        ({"given_by": "greta"}, "does not answer for domain"),
    ],
)
def test_the_database_refuses_a_consent_that_is_no_owners(
    scene: Scene, changes: dict[str, Any], constraint: str
) -> None:
    first, now = scene.give(), clock.now()
    people = {name: getattr(scene.bank, value) for name, value in changes.items() if isinstance(value, str)}
    said = (
        {"hours": 4, "given_by": scene.bank.ines, "taker": scene.bank.ana, "second": scene.ben}
        | changes
        | people
    )
    event = record(verb="test", actor="test", subject="test:1", data={}, now=now)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        StandingConsent.objects.create(
            domain=first.domain, principal=first.principal, until=first.until, given_at=now, reason="x", key="k2",
            event=event, **said,
        )  # fmt: skip
    assert Event.objects.filter(verb="give_consent").count() == 1
