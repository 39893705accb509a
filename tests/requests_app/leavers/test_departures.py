"""That somebody left is told to those concerned once, whoever deactivated them."""

from datetime import timedelta

from audit import clock
from identity.people.models import Membership, Person
from requests_app.leavers.actions import take_over_request
from requests_app.leavers.models import Departure
from tests import factories
from tests.bank import Bank, approve, ask, asked_item
from tests.database import as_role
from tests.requests_app.notifications.projection_setup import tell, words_for
from workers.housekeeping.leavers import report_departures

WAITS = (
    "Ana Keller has left. Their request for Claims waits until someone from BI takes it over or closes it."
)
LIVE = (
    "Ana Keller has left. Their access to Claims for BI is active: revoke it, or have the team take it over."
)


def report() -> int:
    with as_role("meshmarket_worker"):
        return report_departures()


def colleague(bank: Bank, name: str = "Ben Vogt") -> Person:
    factories.join(bank.bi, Membership.Role.MEMBER, [person := factories.make_person(name)])
    return person


def deactivate(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(is_active=False)


def test_what_waits_is_told_to_the_team_once(bank: Bank) -> None:
    ben = colleague(bank)
    asked_item(bank)
    assert report() == 0
    deactivate(bank.ana)
    assert [report(), report()] == [1, 0]
    tell(clock.now() + timedelta(minutes=1))
    assert words_for(ben) == [WAITS]
    assert WAITS not in words_for(bank.ines)


def test_live_access_is_told_to_its_owners_and_the_team_once(bank: Bank) -> None:
    ben = colleague(bank)
    approve(bank, asked_item(bank))
    deactivate(bank.ana)
    assert [report(), report()] == [1, 0]
    tell(clock.now() + timedelta(minutes=1))
    assert LIVE in words_for(bank.ines)
    assert LIVE in words_for(bank.ivo)
    assert words_for(ben) == [LIVE]
    assert words_for(bank.sam) == []


def test_whoever_took_over_and_leaves_as_well_is_told_anew(bank: Bank) -> None:
    ben, request = colleague(bank), ask(bank)
    deactivate(bank.ana)
    assert report() == 1
    take_over_request(acting_user=ben, request_id=request.pk, now=clock.now())
    assert report() == 0
    deactivate(ben)
    assert report() == 1
    assert set(Departure.objects.values_list("person", flat=True)) == {bank.ana.pk, ben.pk}
