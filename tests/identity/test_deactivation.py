"""A person who alone decides something is not deactivated unawares; a hand-over is a role change, in the same step."""

from typing import Any

import pytest

from audit.models import Event
from catalog.products.models import DataProduct
from identity.departures import (
    compute_duties_digest,
    deactivate_person,
    describe_vacancy,
    list_duties,
    list_other_dependencies,
)
from identity.people.models import Membership, Person, PlatformRole
from identity.role_changes.changes import build_membership_change
from identity.role_changes.models import RoleChange
from kernel import clock
from kernel.errors import ForbiddenError, RefusedError
from requests_app.leavers.vacancies import explain_nobody_decides, list_vacancies
from requests_app.review.may import list_deciders
from tests import factories
from tests.bank import Bank, make_bank, submit_bank_item
from tests.database import as_role
from tests.requests_app.notifications.projection import list_notification_texts, project_all_events
from tests.role_changes import (
    allow_lone_governor,
    confirm_role_change,
    make_governor,
    propose_change,
    set_password,
)


@pytest.fixture
def bank(db: None) -> Bank:
    """Ines is the only data owner of Insurance."""
    made = make_bank()
    Person.objects.filter(pk=made.ivo.pk).update(is_active=False)
    return made


def get_key(bank: Bank) -> str:
    return f"{bank.insurance.slug}:data_owner"


def deactivate(bank: Bank, leaver: Person, *, by: Person | None = None, **changes: Any) -> list[RoleChange]:
    words: dict[str, Any] = {
        "successors": {}, "accepts_vacancies": False, "shown": compute_duties_digest(list_duties(leaver)),
    } | changes  # fmt: skip
    return deactivate_person(acting_user=by or bank.greta, person_id=leaver.pk, now=clock.now(), **words)


def test_what_only_they_decide_is_listed_with_what_waits(bank: Bank) -> None:
    submit_bank_item(bank)
    (duty,) = list_duties(bank.ines)
    assert (str(duty), duty.key) == ("data owner of Insurance", get_key(bank))
    assert duty.consequences == (f"decides on the data of {bank.domain.name}", "1 request waits")
    assert list_other_dependencies(bank.ines) == ["owns 1 data product; choose another owner in its editor"]
    assert list_duties(bank.ana) == []


def test_of_two_neither_decides_alone(bank: Bank) -> None:
    with as_role("meshmarket_owner"):
        Person.objects.filter(pk=bank.ivo.pk).update(is_active=True)
    assert list_duties(bank.ines) == []
    assert deactivate(bank, bank.ines) == []


def test_nobody_is_deactivated_before_the_vacancy_is_accepted(bank: Bank) -> None:
    with pytest.raises(RefusedError, match="Choose who takes over"):
        deactivate(bank, bank.ines)
    with pytest.raises(RefusedError, match="has changed"):
        deactivate(bank, bank.ines, shown="", accepts_vacancies=True)
    bank.ines.refresh_from_db()
    assert bank.ines.is_active
    deactivate(bank, bank.ines, accepts_vacancies=True)
    bank.ines.refresh_from_db()
    assert not bank.ines.is_active


def test_a_successor_waits_for_a_second_governor_and_decides_then(bank: Bank) -> None:
    item, hanna = submit_bank_item(bank), make_governor()
    (change,) = deactivate(bank, bank.ines, successors={get_key(bank): bank.sam.pk})
    assert (change.state, str(change)) == ("waiting", "Sam Outis: data owner of Insurance")
    assert "Insurance has no active data owner" in explain_nobody_decides(item)
    assert [one.text for one in list_vacancies()] == ["Insurance has no active data owner."]
    confirm_role_change(hanna, change)
    assert list(list_deciders(item)) == [bank.sam]
    assert explain_nobody_decides(item) == ""
    assert list_vacancies() == []


def test_where_one_governor_is_enough_the_hand_over_is_at_once(bank: Bank, settings: Any) -> None:
    allow_lone_governor(settings)
    (change,) = deactivate(bank, bank.ines, successors={get_key(bank): bank.sam.pk})
    assert change.state == "approved"
    assert Membership.objects.filter(person=bank.sam, team=bank.insurance, role="data_owner").exists()


def test_governance_and_the_successor_are_told(bank: Bank) -> None:
    hanna = make_governor()
    deactivate(bank, bank.ines, successors={get_key(bank): bank.sam.pk})
    project_all_events()
    said = "Greta Ruiz deactivated a person. Ines Roth: data owner of Insurance: nobody can decide until a second governor confirms Sam Outis."
    for person in (hanna, bank.sam):
        assert said in list_notification_texts(person)
    data = Event.objects.get(verb="deactivate_person").data
    assert (data["concerns"], data["duties"]) == (bank.ines.pk, [get_key(bank)])


@pytest.mark.parametrize("who", ["ines", "ivo", "greta"])
def test_who_has_left_or_leaves_takes_nothing_over(bank: Bank, who: str) -> None:
    if who == "greta":
        Person.objects.filter(pk=bank.sam.pk).update(is_external=True)
    successor = bank.sam if who == "greta" else getattr(bank, who)
    with pytest.raises(RefusedError, match="Choose active people"):
        deactivate(bank, bank.ines, successors={get_key(bank): successor.pk})


def test_only_governors_deactivate_and_nobody_themself(bank: Bank) -> None:
    hanna = make_governor()
    for by, leaver, said in (
        (bank.ana, bank.ines, "Only a governor"),
        (bank.greta, bank.greta, "can't deactivate yourself"),
        (hanna, bank.greta, "Only a superuser"),
    ):
        with pytest.raises(ForbiddenError, match=said):
            deactivate(bank, leaver, by=by)


def test_a_steward_a_lead_and_the_last_governor_are_duties_too(bank: Bank) -> None:
    elsewhere = bank.sam.teams.distinct().get()
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=bank.sam, role=PlatformRole.Role.STEWARD)
    factories.add_members(bank.bi, Membership.Role.LEAD, [bank.sam])
    factories.add_members(bank.bi, Membership.Role.ACCOUNT_ADMIN, [bank.sam])
    assert {one.key for one in list_duties(bank.sam)} == {
        f"{bank.bi.slug}:account_admin", f"{bank.bi.slug}:lead", f"{elsewhere.slug}:data_owner", "steward",
    }  # fmt: skip
    assert [one.key for one in list_duties(bank.greta)] == ["governance_admin"]
    make_governor()
    assert list_duties(bank.greta) == []


def test_nobody_decides_what_only_its_requester_or_the_barred_could(bank: Bank) -> None:
    item = submit_bank_item(bank)
    assert explain_nobody_decides(item) == ""
    set_password(bank.greta, bank.ines)
    assert "barred by a role change" in explain_nobody_decides(item)


def test_nobody_decides_for_a_domain_without_data_owners(bank: Bank) -> None:
    product = DataProduct.objects.select_related("domain__owner_team").get(pk=bank.product.pk)
    assert explain_nobody_decides(product.domain) == ""
    deactivate(bank, bank.ines, accepts_vacancies=True)
    assert "Insurance has no active data owner" in explain_nobody_decides(product.domain)


def test_a_proposal_to_take_the_last_role_says_what_waits_for_nobody(bank: Bank) -> None:
    change = propose_change(
        bank.greta, build_membership_change(bank.ines, bank.insurance, "data_owner", held=False)
    )
    assert describe_vacancy(change).startswith("Nobody else is data owner of Insurance.")
    given = propose_change(
        bank.greta, build_membership_change(bank.sam, bank.insurance, "data_owner", held=True)
    )
    assert describe_vacancy(given) == ""
