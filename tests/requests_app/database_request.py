"""Requests the bank's whole database."""

from kernel import clock
from requests_app.access_requests.models import AccessRequest
from requests_app.submission.many_tables import submit_target_request
from requests_app.targets.databases import FutureAccess, build_database_target
from tests import factories
from tests.bank import Bank
from tests.request_details import pack_details


def submit_for_bank_database(
    bank: Bank, later: FutureAccess = FutureAccess.TABLES, **changes: object
) -> AccessRequest:
    """Ana asks for a month, having seen what is in the database."""
    target = build_database_target(bank.claims.database, bank.ana, later)
    asked: dict[str, object] = {
        "requester": bank.ana,
        "team": bank.bi,
        "principal": bank.role,
        "purpose": "Quarterly reserve report",
        "ends_at": factories.days_from_now(30),
        "target": target,
        "members_hash": target.members_hash,
        "idempotency_key": "form-1",
        "now": clock.now(),
    }
    return submit_target_request(**pack_details(asked | changes))
