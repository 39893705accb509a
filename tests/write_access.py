"""Write access for tests: a producer account of a domain with a pipeline, and what is requested for it."""

from typing import Any

from catalog.mirror.models import Table
from decisions.actions import approve_proposal
from identity.accounts import Principal
from identity.people.models import Person
from kernel import clock
from requests_app.write_access.actions import request_write_access
from requests_app.write_access.effects import compute_effects_hash
from requests_app.write_access.kind import WRITE_REQUEST
from requests_app.write_access.models import WriteRequest
from tests import factories
from tests.bank import Bank
from tests.registrations import make_producer


def ask_to_write(person: Person, table: Table, principal: Principal, **changes: Any) -> WriteRequest:
    words: dict[str, Any] = {
        "table_id": table.pk,
        "principal": principal,
        "verbs": ["INSERT"],
        "purpose": "The nightly load adds the day's claims.",
        "ends_at": factories.days_from_now(30),
    }
    return request_write_access(acting_user=person, now=clock.now(), **words | changes)


def approve_writing(person: Person, row: WriteRequest, effects_hash: str | None = None) -> WriteRequest:
    shown = compute_effects_hash(row) if effects_hash is None else effects_hash
    return approve_proposal(
        kind=WRITE_REQUEST,
        acting_user=person,
        pk=row.pk,
        effects_hash=shown,
        comment="",
        now=clock.now(),
    )


def make_sample_write_requests(bank: Bank) -> dict[str, int]:
    """One that waits, and an approved one."""
    account = factories.make_account(bank.insurance, name="Insurance writes")
    make_producer(account, bank.domain)
    waiting, approved = (
        ask_to_write(bank.ines, bank.claims, factories.make_principal(account, name))
        for name in ("claims-load", "claims-fix")
    )
    approve_writing(bank.ivo, approved)
    return {"write_request": waiting.pk, "approved_write_request": approved.pk}
