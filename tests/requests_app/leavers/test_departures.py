"""That somebody left is told to those concerned once, whoever deactivated them."""

from datetime import timedelta

from identity.people.models import Membership, Person
from kernel import clock
from requests_app.leavers.actions import take_over_request
from requests_app.leavers.models import Departure
from requests_app.leavers.vacancies import list_vacancies
from tests import factories
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request
from tests.database import as_role
from tests.requests_app.notifications.projection import list_notification_texts, project_all_events
from workers.housekeeping import report_departures, report_vacancies

WAITS = (
    "Ana Keller has left. Their request for Claims waits until someone from BI takes it over or closes it."
)
LIVE = (
    "Ana Keller has left. Their access to Claims for BI is active: revoke it, or have the team take it over."
)


def report_all() -> int:
    with as_role("meshmarket_worker"):
        return report_departures()


def make_colleague(bank: Bank, name: str = "Ben Vogt") -> Person:
    factories.add_members(bank.bi, Membership.Role.MEMBER, [person := factories.make_person(name)])
    return person


def deactivate(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(is_active=False)


def test_what_waits_is_told_to_the_team_once(bank: Bank) -> None:
    ben = make_colleague(bank)
    submit_bank_item(bank)
    assert report_all() == 0
    deactivate(bank.ana)
    assert [report_all(), report_all()] == [1, 0]
    project_all_events(clock.now() + timedelta(minutes=1))
    assert list_notification_texts(ben) == [WAITS]
    assert WAITS not in list_notification_texts(bank.ines)


def test_live_access_is_told_to_its_owners_and_the_team_once(bank: Bank) -> None:
    ben = make_colleague(bank)
    approve(bank, submit_bank_item(bank))
    deactivate(bank.ana)
    assert [report_all(), report_all()] == [1, 0]
    project_all_events(clock.now() + timedelta(minutes=1))
    assert LIVE in list_notification_texts(bank.ines)
    assert LIVE in list_notification_texts(bank.ivo)
    assert list_notification_texts(ben) == [LIVE]
    assert list_notification_texts(bank.sam) == []


def test_whoever_took_over_and_leaves_as_well_is_told_anew(bank: Bank) -> None:
    ben, request = make_colleague(bank), submit_bank_request(bank)
    deactivate(bank.ana)
    assert report_all() == 1
    take_over_request(acting_user=ben, request_id=request.pk, now=clock.now())
    assert report_all() == 0
    deactivate(ben)
    assert report_all() == 1
    assert set(Departure.objects.values_list("person", flat=True)) == {bank.ana.pk, ben.pk}


def test_a_role_that_nobody_holds_any_more_is_told_to_governance_once(bank: Bank) -> None:
    """However it came to be empty: by a membership that ended, or by who left."""

    def report() -> int:
        with as_role("meshmarket_worker"):
            return report_vacancies()

    assert report() == 0
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=bank.ines, team=bank.insurance).delete()
    assert report() == 0
    deactivate(bank.ivo)
    assert [report(), report()] == [1, 0]
    project_all_events(clock.now() + timedelta(minutes=1))
    said = "Nobody can decide: Insurance has no active data owner. Appoint somebody."
    assert said in list_notification_texts(bank.greta)
    assert said not in list_notification_texts(bank.sam)
    factories.add_members(bank.insurance, Membership.Role.DATA_OWNER, [bank.sam])
    assert report() == 0
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=bank.sam, team=bank.insurance).delete()
    assert report() == 1


def test_a_steward_is_missed_only_while_something_waits_for_one(bank: Bank) -> None:
    item = submit_bank_item(bank)
    assert [str(one.role) for one in list_vacancies()] == []
    type(item).objects.filter(pk=item.pk).update(waits_for=["steward"])
    assert [one.text for one in list_vacancies()] == ["There is no active steward."]
