"""Passing on decisions by page and by the API; what the review and the inbox say of it."""

import pytest
from django.urls import reverse

from identity.people.models import Membership, Person
from kernel import clock
from requests_app.review.delegation.models import Delegation
from tests import factories
from tests.bank import Bank, submit_bank_item
from tests.portal.api.calls import place_of, read, send
from tests.portal.conftest import make_client


@pytest.fixture
def emre(bank: Bank) -> Person:
    person = factories.make_person("Emre Aydin")
    factories.add_members(bank.insurance, Membership.Role.DEVELOPER, [person])
    return person


def build_form(emre: Person, **changes: object) -> dict[str, object]:
    return {**build_default_form(emre.memberships.get()), **changes}


def build_default_form(colleague: Membership) -> dict[str, object]:
    first, last = clock.now(), factories.days_from_now(7)
    return {"colleague": colleague.pk, "starts_on": f"{first:%Y-%m-%d}", "ends_on": f"{last:%Y-%m-%d}"}


def test_an_owner_passes_on_and_the_colleague_decides(bank: Bank, emre: Person) -> None:
    item = submit_bank_item(bank)
    page = make_client(bank.ines).post(reverse("delegations"), build_form(emre), follow=True).content.decode()
    assert "Emre Aydin will decide for you then and is notified." in page
    inbox = make_client(emre).get(reverse("reviews")).content.decode()
    assert "You decide for Ines Roth (Insurance) until" in inbox
    review = make_client(emre).get(reverse("review", args=[item.pk])).content.decode()
    assert "You decide for Ines Roth until" in review
    assert 'value="approve"' in review
    assert 'class="due' in review


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"colleague": ""}, "Choose a colleague."),
        ({"colleague": "9999999"}, "This colleague is no longer there."),
        ({"ends_on": "2020-01-01"}, "The end must be later than the start"),
        ({"ends_on": "2999-01-01"}, "A delegation can last at most 90 days."),
        ({"starts_on": "someday"}, "Enter a valid date."),
    ],
)
def test_what_does_not_stand_says_so_in_place(
    bank: Bank, emre: Person, changes: dict[str, object], said: str
) -> None:
    answer = make_client(bank.ines).post(reverse("delegations"), build_form(emre, **changes))
    assert (answer.status_code, Delegation.objects.count()) == (422, 0)
    assert said in answer.content.decode()


def test_a_colleague_with_several_roles_is_offered_once(bank: Bank, emre: Person) -> None:
    factories.add_members(bank.insurance, Membership.Role.LEAD, [emre])
    page = make_client(bank.ines).get(reverse("delegations"))
    assert [one.person for one in page.context["colleagues"]] == [emre, bank.ivo]
    assert page.content.decode().count(f"Emre Aydin, Insurance ({emre.email})") == 1
    for membership in emre.memberships.all():
        given = build_default_form(membership)
        assert make_client(bank.ines).post(reverse("delegations"), given).status_code == 302


def test_who_owns_nothing_has_no_form_and_no_way(bank: Bank, emre: Person) -> None:
    ana = make_client(bank.ana)
    assert "Delegate my decisions" not in ana.get(reverse("delegations")).content.decode()
    assert ana.post(reverse("delegations"), build_form(emre)).status_code == 422
    assert not Delegation.objects.exists()


def test_it_is_ended_by_the_two_alone(bank: Bank, emre: Person) -> None:
    make_client(bank.ines).post(reverse("delegations"), build_form(emre))
    given = Delegation.objects.get()
    address = reverse("delegation-end", args=[given.pk])
    assert make_client(bank.ivo).post(address).status_code == 404
    assert make_client(emre).post(address).status_code == 302
    assert read(emre, "delegations")["results"] == []


def test_the_api_passes_on_once_a_key(bank: Bank, emre: Person) -> None:
    said = {
        "team": bank.insurance.slug, "delegate": emre.email.upper(), "starts_at": clock.now().isoformat(),
        "expires_at": factories.days_from_now(3).isoformat(),
    }  # fmt: skip
    for _time in range(2):
        answer = send(bank.ines, "delegations", said, key="k")
        assert (answer.status_code, answer.json()["delegate"]["name"]) == (201, "Emre Aydin")
    address = f"delegations/{Delegation.objects.get().pk}/end"
    assert send(bank.ana, address).status_code == 404
    assert send(bank.ines, address).json()["ended_at"]
    refused = send(bank.ines, "delegations", said | {"delegate": str(bank.sam.pk)})
    assert (refused.status_code, place_of(refused)) == (422, "#/delegate")
