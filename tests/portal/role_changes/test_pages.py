"""Role changes: what waits, who confirms, and what they who are concerned are told."""

import pytest
from django.urls import reverse

from identity.people.models import Person
from identity.role_changes.models import RoleChange
from tests.bank import Bank
from tests.portal.conftest import make_client
from tests.requests_app.notifications.projection import list_notification_texts, project_all_events
from tests.role_changes import data_owner_change, make_governor, propose_and_confirm, propose_change

PAGE = "/role-changes/"


@pytest.fixture
def hanna(bank: Bank) -> Person:
    return make_governor()


def decide(person: Person, change: RoleChange, do: str) -> str:
    client = make_client(person)
    shown = client.get(reverse("role-change", args=[change.pk])).content.decode()
    form = {"do": do, "effects_hash": shown.partition('name="effects_hash" value="')[2][:64]}
    page = client.post(reverse("role-change-decide", args=[change.pk]), form, follow=True)
    return page.content.decode()


def test_a_governor_confirms_what_another_proposed(bank: Bank, hanna: Person) -> None:
    change = propose_change(bank.greta, data_owner_change(bank.insurance, bank.sam))
    page = make_client(hanna).get(PAGE).content.decode()
    assert "Sam Outis</bdi>: " in page
    assert "data owner of Insurance" in page
    assert 'value="confirm"' in page
    assert "Confirmed. The change is in effect." in decide(hanna, change, "confirm")
    assert bank.sam.memberships.filter(team=bank.insurance, role="data_owner").exists()


def test_the_proposer_may_only_withdraw(bank: Bank, hanna: Person) -> None:
    change = propose_change(bank.greta, data_owner_change(bank.insurance, bank.sam))
    page = make_client(bank.greta).get(PAGE).content.decode()
    assert 'value="confirm"' not in page
    assert 'value="withdraw"' in page
    assert "You proposed this. Another governor has to confirm it." in page
    assert "You proposed this. Another governor has to confirm it." in decide(bank.greta, change, "confirm")
    assert "You proposed this. Withdraw it instead." in decide(bank.greta, change, "reject")
    assert "Withdrawn. Nothing changes." in decide(bank.greta, change, "withdraw")
    assert "It was decided in the meantime." in decide(hanna, change, "confirm")
    assert not bank.sam.memberships.filter(team=bank.insurance).exists()


@pytest.mark.parametrize(
    ("do", "said"),
    [("", "Choose whether to confirm"), ("delete", "has no action"), ("confirm\x00", "has no action")],
)
def test_a_button_that_is_not_there_decides_nothing(bank: Bank, hanna: Person, do: str, said: str) -> None:
    change = propose_change(bank.greta, data_owner_change(bank.insurance, bank.sam))
    assert said in decide(hanna, change, do)
    change.refresh_from_db()
    assert change.state == "waiting"


def test_a_change_has_a_page_of_its_own_with_what_happened(bank: Bank, hanna: Person) -> None:
    change = propose_change(bank.greta, data_owner_change(bank.insurance, bank.sam))
    address = reverse("role-change", args=[change.pk])
    waiting = make_client(hanna).get(address).content.decode()
    assert ('value="confirm"' in waiting, "Greta Ruiz proposed it" in waiting) == (True, True)
    done = decide(hanna, change, "confirm")
    assert ('value="confirm"' in done, "Hanna Berg approved it" in done) == (False, True)
    assert make_client(bank.sam).get(address).status_code == 404


def test_others_decide_nothing_and_see_what_concerns_them(bank: Bank, hanna: Person) -> None:
    change = propose_change(bank.greta, data_owner_change(bank.insurance, bank.sam))
    for person, sees in ((bank.sam, True), (bank.ines, True), (bank.ana, False)):
        page = make_client(person).get(PAGE).content.decode()
        assert ("data owner of Insurance" in page, 'value="confirm"' in page) == (sees, False)
        address = reverse("role-change-decide", args=[change.pk])
        assert make_client(person).post(address, {"do": "confirm"}).status_code == 404


def test_those_concerned_are_told(bank: Bank, hanna: Person) -> None:
    propose_and_confirm(bank.greta, hanna, data_owner_change(bank.insurance, bank.sam))
    project_all_events()
    what = "Sam Outis: data owner of Insurance."
    proposal = f"Greta Ruiz proposes a role change: {what} A second governor has to confirm it."
    confirmation = f"Hanna Berg confirmed a role change: {what}"
    for person in (bank.sam, bank.ines, bank.ivo):
        assert list_notification_texts(person) == [proposal, confirmation]
    assert (list_notification_texts(hanna), list_notification_texts(bank.greta)) == (
        [proposal],
        [confirmation],
    )
    assert list_notification_texts(bank.ana) == []


def test_the_page_and_system_health_say_that_one_governor_is_enough(bank: Bank, settings: object) -> None:
    settings.SECOND_GOVERNOR = "off"  # type: ignore[attr-defined]
    for page in (PAGE, reverse("health")):
        assert "MESHMARKET_SECOND_GOVERNOR is off" in make_client(bank.greta).get(page).content.decode()


def test_they_say_that_nobody_can_confirm(bank: Bank) -> None:
    assert "You are the only governor" in make_client(bank.greta).get(PAGE).content.decode()
    health = make_client(bank.greta).get(reverse("health")).content.decode()
    assert "nobody can confirm" in health
    make_governor()
    assert "nobody can confirm" not in make_client(bank.greta).get(reverse("health")).content.decode()
