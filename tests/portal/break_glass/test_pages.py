"""Break-glass by the pages and over HTTP: loud for whom it concerns, nothing for anyone else."""

from datetime import timedelta

import pytest
from django.urls import reverse

from identity.people.models import Person
from kernel import clock
from requests_app.break_glass.actions import give_consent
from requests_app.break_glass.models import BreakGlassConsent, BreakGlassSession
from requests_app.grants.models import Grant
from tests import factories
from tests.bank import Bank
from tests.html import squeeze
from tests.portal.api.calls import read, send
from tests.portal.conftest import make_client


@pytest.fixture
def ben(bank: Bank) -> Person:
    person = factories.make_person("Ben Frey")
    factories.add_members(bank.bi, "member", [person])
    return person


@pytest.fixture
def consent(bank: Bank, ben: Person) -> BreakGlassConsent:
    now = clock.now()
    return give_consent(
        acting_user=bank.ines, domain=bank.domain, named_person=bank.ana, second_person=ben, principal=bank.role,
        tables=[bank.claims], max_hours=4, expires_at=now + timedelta(days=90), reason="Incidents.", idempotency_key="s", now=now,
    )  # fmt: skip


def test_an_owner_gives_and_withdraws_a_consent(bank: Bank, ben: Person) -> None:
    ines, address = make_client(bank.ines), f"{reverse('break-glass-consent-new')}?domain={bank.domain.slug}"
    assert ines.get(address).status_code == 200
    said = {
        "named_person": bank.ana.pk, "second_person": bank.ana.pk, "principal": bank.role.pk, "tables": [bank.claims.pk],
        "max_hours": 4, "expires_at": f"{factories.days_from_now(30):%Y-%m-%d}", "reason": "Incidents.", "idempotency_key": "k",
    }  # fmt: skip
    wrong = ines.post(address, said)
    assert (wrong.status_code, "It takes three people" in wrong.content.decode()) == (422, True)
    assert f'name="tables" value="{bank.claims.pk}" checked' in wrong.content.decode()
    ines.post(address, said | {"second_person": ben.pk})
    again = ines.post(address, said | {"second_person": ben.pk, "max_hours": 5})
    assert "with other contents" in again.content.decode()
    assert again.context["form"].form_key != "k"
    consent = BreakGlassConsent.objects.get()
    assert ">Revoke<" in squeeze(ines.get(reverse("break-glass")).content.decode())
    assert (
        make_client(bank.sam).post(reverse("break-glass-consent-revoke", args=[consent.pk])).status_code
        == 404
    )
    ines.post(reverse("break-glass-consent-revoke", args=[consent.pk]))
    consent.refresh_from_db()
    assert consent.withdrawn_by == bank.ines
    for person in (bank.ana, bank.greta, bank.sam):
        assert make_client(person).get(address).status_code == 404


def test_only_some_columns_are_consented_to_line_by_line(bank: Bank, ben: Person) -> None:
    ines, address = make_client(bank.ines), f"{reverse('break-glass-consent-new')}?domain={bank.domain.slug}"
    said = {
        "named_person": bank.ana.pk, "second_person": ben.pk, "principal": bank.role.pk, "tables": [bank.claims.pk], "max_hours": 4,
        "expires_at": f"{factories.days_from_now(30):%Y-%m-%d}", "reason": "Incidents.", "idempotency_key": "k",
    }  # fmt: skip
    for wrong, words in {
        "policies: x": "does not start with",
        "insurance_gold.claims: x": "has no column x",
    }.items():
        answer = ines.post(address, said | {"columns": wrong})
        assert (answer.status_code, words in answer.content.decode()) == (422, True)
    ines.post(address, said | {"columns": "insurance_gold.claims: claim_id, amount\n"})
    consent = BreakGlassConsent.objects.get()
    assert consent.covered.get().columns == ["amount", "claim_id"]
    page = (
        make_client(bank.ana)
        .get(f"{reverse('break-glass-session-new')}?consent={consent.pk}")
        .content.decode()
    )
    assert "insurance_gold.claims: amount, claim_id" in page


def test_it_is_taken_confirmed_seen_ended_and_reviewed(
    bank: Bank, ben: Person, consent: BreakGlassConsent
) -> None:
    ana, confirmer, ivo = make_client(bank.ana), make_client(ben), make_client(bank.ivo)
    take = f"{reverse('break-glass-session-new')}?consent={consent.pk}"
    said = {"hours": "2", "reason": "Incident 4711 at night.", "idempotency_key": "k"}
    assert ana.post(take, said | {"hours": "9"}).status_code == 422
    page = ana.post(take, said)["Location"]
    taken = BreakGlassSession.objects.get()
    alarm = ivo.get(reverse("home")).content.decode()
    assert "waiting for confirmation by a second person" in alarm
    assert bank.ana.name in alarm.partition("Break-glass</strong>")[2].partition("</p>")[0]
    assert "Confirm" not in ana.get(page).content.decode()
    shown = confirmer.get(page)
    assert "Confirm" in shown.content.decode()
    assert "View the session" not in shown.content.decode()
    assert "View the session" in confirmer.get(reverse("home")).content.decode()
    (one,) = shown.context["items"]
    confirm = reverse("break-glass-session-confirm", args=[taken.pk])
    assert confirmer.post(confirm, {"item": one.item.pk, "effects_hash": "0" * 64}).status_code == 422
    confirmer.post(confirm, {"item": one.item.pk, "effects_hash": one.effects_hash})
    assert Grant.objects.get().state == "live"
    assert "opened and not reviewed yet" in ivo.get(reverse("home")).content.decode()
    review = reverse("break-glass-session-review", args=[taken.pk])
    assert ivo.post(review, {"reason": "Fine."}).status_code == 422
    ivo.post(reverse("break-glass-session-end", args=[taken.pk]))
    assert Grant.objects.get().ended_by == bank.ivo
    ivo.post(review, {"reason": "As agreed."})
    assert "As agreed." in ana.get(page).content.decode()
    assert "not reviewed yet" not in ivo.get(reverse("home")).content.decode()


def test_strangers_find_neither_consents_nor_what_was_taken(
    bank: Bank, ben: Person, consent: BreakGlassConsent
) -> None:
    said = {"hours": "2", "reason": "Incident 4711 at night.", "idempotency_key": "k"}
    make_client(bank.ana).post(f"{reverse('break-glass-session-new')}?consent={consent.pk}", said)
    taken, sam = BreakGlassSession.objects.get(), make_client(bank.sam)
    assert sam.get(f"{reverse('break-glass-session-new')}?consent={consent.pk}").status_code == 404
    assert sam.get(reverse("break-glass-session", args=[taken.pk])).status_code == 404
    for name in ("confirm", "end", "review"):
        assert (
            sam.post(reverse(f"break-glass-session-{name}", args=[taken.pk]), {"reason": "x"}).status_code
            == 404
        )
    page = sam.get(reverse("break-glass")).content.decode()
    assert "No sessions yet" in page
    assert "No consents for you" in page
    assert sam.get(f"/api/v1/break-glass/sessions/{taken.pk}").status_code == 404
    assert sam.get("/api/v1/break-glass/consents").json()["results"] == []


def test_over_http_the_same(bank: Bank, ben: Person) -> None:
    given = {
        "domain": bank.domain.slug, "person": str(bank.ana.pk), "second_person": ben.email, "principal": bank.role.arn,
        "tables": [{"table": str(bank.claims.pk), "column_mode": "all"}], "max_duration": "PT4H",
        "expires_at": factories.days_from_now(9).isoformat(), "comment": "Incidents.",
    }  # fmt: skip
    consent = send(bank.ines, "break-glass/consents", given)
    assert (consent.status_code, consent.json()["max_duration"]) == (201, "PT4H")
    assert (consent.json()["lifecycle"], consent.json()["tables"][0]["column_mode"]) == ("active", "all")
    said = {"consent": consent.json()["id"], "duration": "PT2H", "comment": "Incident 4711."}
    opened = send(bank.ana, "break-glass/sessions", said)
    assert (opened.status_code, opened.json()["state_reason"]) == (201, "second_person")
    address = f"break-glass/sessions/{opened.json()['id']}"
    shown = [
        {"request_item": one["request_item"], "effects_hash": one["effects_hash"]}
        for one in read(ben, address)["effects"]
    ]
    assert len(shown) == 1
    confirmed = send(ben, f"{address}/confirm", {"effects": shown})
    assert (confirmed.json()["effects"], confirmed.json()["state"]) == (None, "applying")
    assert (confirmed.status_code, confirmed.json()["is_live"]) == (200, True)
    ended = send(bank.ana, f"{address}/end", {"comment": "Done."}).json()
    assert (ended["is_live"], ended["state_reason"]) == (False, "to_be_reviewed")
    assert send(bank.ana, f"{address}/review", {"comment": "Mine."}).status_code == 403
    reviewed = send(bank.ines, f"{address}/review", {"comment": "As agreed."}).json()
    assert (reviewed["state"], reviewed["review_comment"]) == ("ended", "As agreed.")
    revoked = send(bank.ines, f"break-glass/consents/{consent.json()['id']}/revoke").json()
    assert revoked["lifecycle"] == "revoked"
