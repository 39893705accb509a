"""What the web's database role may put on the record, and what it can do besides: see SECURITY.md."""

import pytest
from django.db import IntegrityError

from audit.actions import record_event
from identity.people.models import Person
from identity.service_tokens import revoke_service_token
from kernel import clock
from requests_app.notifications.webhooks.models import Webhook
from requests_app.notifications.webhooks.signatures import get_secret
from tests import factories
from tests.bank import Bank
from tests.identity.service_tokens.samples import make_service_token
from tests.requests_app.compromised_web.attacker import run_statement


def record(actor: str, verb: str = "approve_item") -> None:
    record_event(verb=verb, actor=actor, subject="item:1", data={}, now=clock.now())


@pytest.mark.parametrize(
    "verb", ["proved_present", "proved_absent", "refuse_request", "vend_credentials", "fail_intent"]
)
def test_the_web_records_nothing_in_the_workers_name(bank: Bank, verb: str) -> None:
    with pytest.raises(IntegrityError, match="only workers"):
        record("engine:w1", verb)


def test_the_web_records_nothing_in_the_name_of_who_may_not_act(bank: Bank) -> None:
    gone = factories.make_person("Gone", is_active=False)
    token = make_service_token(bank.ines).token
    record(token.subject)
    record(f"person:{bank.ana.pk}")
    revoke_service_token(acting_user=bank.ines, token_id=token.pk, now=clock.now())
    for actor in (
        f"person:{gone.pk}", "person:0", "person:x", f"person:0{bank.ana.pk}", "service_token:0", token.subject, "nobody",
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match="nobody who may act"):
            run_statement(
                "INSERT INTO audit_event (at, verb, actor, subject, data, digest) VALUES (now(), 'x', %s, 'x', '{}', 'x')",
                [actor],
            )


def test_the_web_can_set_a_password(bank: Bank) -> None:
    """It signs people in, and has no way to prove that to the database."""
    run_statement("UPDATE identity_person SET password = 'x' WHERE id = %s", [bank.ana.pk])
    assert Person.objects.get(pk=bank.ana.pk).password == "x"


def test_the_web_can_make_each_webhooks_secret() -> None:
    """It shows it once, when the webhook is made."""
    assert get_secret(Webhook(salt="salt")).startswith("whsec_")
