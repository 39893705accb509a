"""What the whole table means where later columns are held back; and who lets one in."""

import pytest
from django.urls import reverse

from audit.models import Event
from fulfilment.holds import Hold
from fulfilment.intents.models import Intent
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from lakeformation.effects.table_effects import parse_approved_permissions
from lakeformation.values.column_sets import ALL_COLUMNS
from requests_app.access_requests.models import RequestItem
from requests_app.grants.models import Grant
from requests_app.review.column_holds import release_column
from requests_app.targets.checks import compute_effects
from requests_app.targets.requested_item import RequestedItem
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.portal.api.calls import read, send
from tests.portal.conftest import make_client

WHY = "It names countries alone."


def submit_whole_table(bank: Bank, rule: str = "") -> RequestItem:
    bank.catalog.holds_new_columns = True
    bank.catalog.save()
    asked = RequestedItem(bank.claims.pk, (), whole_table=True, product_id=None, row_filter=rule)
    return submit_bank_item(bank, items=[asked])


def make_hold(bank: Bank, grant: Grant) -> Hold:
    with as_role("meshmarket_worker"):
        return Hold.objects.create(
            kind=Hold.Kind.COLUMN, catalog=bank.catalog, scope_key=grant.intent.scope_key, intent=grant.intent,
            database="insurance_gold", table="claims", column="country", text="country came", since=clock.now(),
        )  # fmt: skip


def release_hold(hold: Hold, person: Person, reason: str = WHY) -> Hold:
    return release_column(acting_user=person, hold_id=hold.pk, reason=reason, now=clock.now())


def test_the_columns_of_now_are_wanted_and_those_to_come_agreed_to(bank: Bank) -> None:
    item = submit_whole_table(bank)
    assert [line.text for line in compute_effects(item).warnings] == [
        "columns added later stay hidden until they are classified or you release them"
    ]
    intent = approve(bank, item).intent
    assert intent.table_access.columns.names == ("amount", "claim_id", "iban")
    assert {atom.verb: part for atom, part in parse_approved_permissions(intent.effects)}[
        "SELECT"
    ] == ALL_COLUMNS


def test_a_row_filter_on_the_whole_table_is_refused_there(bank: Bank) -> None:
    with pytest.raises(RefusedError, match="hide future columns"):
        submit_whole_table(bank, "amount = '7'")


def test_who_may_agree_lets_it_in_once_and_on_the_record(bank: Bank) -> None:
    grant = approve(bank, submit_whole_table(bank))
    hold = make_hold(bank, grant)
    release_hold(hold, bank.ivo)
    intent = Intent.objects.get(pk=grant.intent_id)
    assert ("country" in intent.table_access.columns, intent.generation) == (
        True,
        grant.intent.generation + 1,
    )
    assert Event.objects.get(verb="release_column").data["reason"] == WHY
    with pytest.raises(NotFoundError):
        release_hold(hold, bank.ines)


@pytest.mark.parametrize(
    ("name", "error"), [("ana", ForbiddenError), ("greta", ForbiddenError), ("sam", NotFoundError)]
)
def test_others_do_not(bank: Bank, name: str, error: type[Exception]) -> None:
    hold = make_hold(bank, approve(bank, submit_whole_table(bank)))
    with pytest.raises(error):
        release_hold(hold, getattr(bank, name))
    hold.refresh_from_db()
    assert hold.ended_at is None


def test_the_pages_say_what_waits_and_let_it_in_with_a_reason(bank: Bank) -> None:
    grant = approve(bank, submit_whole_table(bank))
    hold, ines = make_hold(bank, grant), make_client(bank.ines)
    address = reverse("hold-release", args=[hold.pk])
    for page in (
        f"{reverse('permissions')}?catalog={bank.catalog.short_name}",
        reverse("grant-proof", args=[grant.pk]),
    ):
        assert address in ines.get(page).content.decode()
    assert b"Only a data owner" in make_client(bank.greta).get(address).content
    assert make_client(bank.sam).get(address).status_code == 404
    assert ines.post(address, {"reason": "why"}).status_code == 422
    assert ines.post(address, {"reason": WHY}).status_code == 302
    assert ines.get(address).status_code == 404


def test_the_api_lists_them_and_lets_them_in(bank: Bank) -> None:
    grant = approve(bank, submit_whole_table(bank))
    hold, ines = make_hold(bank, grant), make_client(bank.ines)
    (shown,) = read(ines, "holds", grant=grant.pk)["results"]
    assert (shown["column"], shown["state_reason"], shown["grant"]["id"]) == (
        "country",
        "on_hold",
        str(grant.pk),
    )
    assert read(ines, f"holds/{hold.pk}") == shown
    assert send(ines, f"holds/{hold.pk}/release", {"comment": "x"}).status_code == 422
    answer = send(ines, f"holds/{hold.pk}/release", {"comment": WHY})
    assert (answer.status_code, answer.json()["end_reason"], answer.json()["state"]) == (
        200,
        "released",
        "ended",
    )


def test_without_a_reason_it_stays(bank: Bank) -> None:
    hold = make_hold(bank, approve(bank, submit_whole_table(bank)))
    with pytest.raises(RefusedError):
        release_hold(hold, bank.ines, "why")
