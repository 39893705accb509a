"""Break-glass holds apart as any decision does: the team when it was taken, and a recipient who has left."""

import pytest

from identity.people.models import Membership, Person
from kernel import clock
from kernel.errors import ForbiddenError
from requests_app.access_requests.models import Decision
from requests_app.break_glass.actions import end_break_glass_session, review_break_glass_session
from requests_app.break_glass.may import may_review_break_glass_session
from tests import factories
from tests.bank import Bank
from tests.database import as_role
from tests.requests_app.break_glass.test_break_glass import BreakGlassSetup


@pytest.fixture
def scene(bank: Bank) -> BreakGlassSetup:
    ben = factories.make_person("Ben Frey")
    factories.add_members(bank.bi, "member", [ben])
    return BreakGlassSetup(bank, ben)


def test_a_consent_whose_giver_was_of_the_team_when_it_was_taken_decides_nothing(
    scene: BreakGlassSetup,
) -> None:
    bank, consent = scene.bank, scene.give_consent()
    factories.add_members(bank.bi, Membership.Role.MEMBER, [bank.ines])
    taken = scene.open_session(consent)
    with as_role("meshmarket_owner"):
        Membership.objects.filter(team=bank.bi, person=bank.ines).delete()
    with pytest.raises(ForbiddenError, match="were in the team when it requested"):
        scene.confirm_session(taken)
    assert not Decision.objects.exists()


def test_nothing_is_confirmed_for_a_taker_who_has_left(scene: BreakGlassSetup) -> None:
    taken = scene.open_session(scene.give_consent())
    Person.objects.filter(pk=scene.bank.ana.pk).update(is_active=False)
    with pytest.raises(ForbiddenError, match="Ana Keller has left"):
        scene.confirm_session(taken)


def test_an_owner_of_the_team_that_read_does_not_review_it(scene: BreakGlassSetup) -> None:
    bank, taken = scene.bank, scene.open_session(scene.give_consent())
    scene.confirm_session(taken)
    end_break_glass_session(acting_user=bank.ana, session_id=taken.pk, reason="Done.", now=clock.now())
    factories.add_members(bank.bi, Membership.Role.MEMBER, [bank.ines])
    with pytest.raises(ForbiddenError, match="one of your teams"):
        review_break_glass_session(
            acting_user=bank.ines, session_id=taken.pk, comment="Fine.", now=clock.now()
        )
    review_break_glass_session(acting_user=bank.ivo, session_id=taken.pk, comment="Fine.", now=clock.now())


def test_the_second_person_does_not_review_it(scene: BreakGlassSetup) -> None:
    taken = scene.open_session(scene.give_consent())
    assert may_review_break_glass_session(scene.bank.ivo, taken)
    taken.confirmed_by_id = scene.bank.ivo.pk
    assert "took part" in may_review_break_glass_session(scene.bank.ivo, taken).reason
