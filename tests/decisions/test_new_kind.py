"""A new kind of decision has pages, API, inbox row, notifications and guard by its declaration alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from decisions import kinds
from tests.bank import Bank, make_bank
from tests.database import as_role
from tests.decisions.shift import SHIFT, Shift
from tests.portal.api.calls import read, send
from tests.portal.conftest import make_client
from tests.requests_app.notifications.projection import list_notification_texts, project_all_events

pytestmark = pytest.mark.urls("tests.decisions.shift_site")


@pytest.fixture
def bank(db: None) -> Iterator[Bank]:
    with as_role("meshmarket_owner"):
        with connection.schema_editor() as editor:
            editor.create_model(Shift)
        with connection.cursor() as cursor:
            cursor.execute(
                "GRANT SELECT, INSERT, UPDATE ON shifts_shift TO meshmarket_web, meshmarket_worker;"
                "CREATE TRIGGER decision_guarded BEFORE INSERT OR UPDATE ON shifts_shift FOR EACH ROW"
                " EXECUTE FUNCTION decision_guard('shift', '', '', '')"
            )
            for change, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
                cursor.execute(
                    f"CREATE TRIGGER page_altered_{change} AFTER {change} ON shifts_shift REFERENCING {rows} TABLE AS altered"
                    " FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered('page')"
                )
    kinds.register(SHIFT)
    yield make_bank()
    kinds._kinds.pop(SHIFT.name)


def decide(client: Client, row: Shift, do: str) -> str:
    page = client.get(reverse("shift", args=[row.pk])).content.decode()
    said = {"do": do, "comment": "", "effects_hash": page.partition('name="effects_hash" value="')[2][:64]}
    return client.post(reverse("shift-decide", args=[row.pk]), said, follow=True).content.decode()


def test_it_is_requested_found_approved_and_ended_on_pages(bank: Bank) -> None:
    asking, deciding = make_client(bank.sam), make_client(bank.greta)
    assert reverse("shift-new") in asking.get(reverse("shifts")).content.decode()
    asking.post(reverse("shift-new"), {"place": "Night"})
    row = Shift.objects.get()
    inbox = deciding.get(reverse("reviews")).content.decode()
    assert f'<a href="{reverse("shift", args=[row.pk])}" dir="auto">Night</a>' in inbox
    assert "Another governor decides." in decide(asking, row, "approve")
    assert "Approved." in decide(deciding, row, "approve")
    ended = deciding.post(reverse("shift-end", args=[row.pk]), {"reason": "Holiday."}, follow=True)
    assert "Holiday." in ended.content.decode()
    row.refresh_from_db()
    assert row.state == "ended"
    project_all_events()
    assert list_notification_texts(bank.greta) == [f"{bank.sam.name} asks for the shift Night."]
    assert list_notification_texts(bank.sam)[0] == f"{bank.greta.name} approved the shift Night."


def test_it_has_the_same_verbs_in_the_api(bank: Bank) -> None:
    made: Any = send(bank.sam, "shifts", {"place": "Night"}).json()
    address = f"shifts/{made['id']}"
    assert send(bank.sam, f"{address}/approve", {"effects_hash": made["effects_hash"]}).status_code == 403
    done = send(bank.greta, f"{address}/approve", {"effects_hash": made["effects_hash"]}).json()
    assert (done["state"], done["place"], done["decided_by"]["name"]) == (
        "approved",
        "Night",
        bank.greta.name,
    )
    assert [one["id"] for one in read(bank.greta, "shifts?state=approved")["results"]] == [made["id"]]


def test_the_database_keeps_what_was_asked(bank: Bank) -> None:
    send(bank.sam, "shifts", {"place": "Night"})
    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
        Shift.objects.update(place="Day")
