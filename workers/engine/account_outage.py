"""Outages of accounts: when AWS does not answer, all scopes of the account wait together.

One scope at a time retries. With back-off by scope, scopes would resume late or retry too often.
"""

from datetime import timedelta

from django.db import connection

from fulfilment.rounds.models import AccountOutage
from identity.accounts.models import Account
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.reads import read_caller_arn
from workers.aws.sessions import get_client
from workers.engine.claim import OUTAGE_RETRY_SECONDS, Lease, list_scope_accounts, short_transaction
from workers.engine.round_records import RoundResult

LONG_OUTAGE_SECONDS = 9.0
"""Outages longer than this many seconds make proven intents *unknown*."""
RECORD_OUTAGE = """
INSERT INTO fulfilment_accountoutage (account_id, since, retry_at)
VALUES (%s, clock_timestamp(), clock_timestamp() + make_interval(secs => %s))
    ON CONFLICT (account_id) DO NOTHING
"""


def handle_failed_reading(lease: Lease, error: AwsError) -> RoundResult:
    """The result of a round whose reading failed: back-off, or a wait for the account's outage."""
    is_silent = record_outages(lease, error)
    return RoundResult(
        wait=0.0 if is_silent else None, has_failed=True, is_unreachable=is_silent, is_unread=True
    )


def is_long_outage(lease: Lease) -> bool:
    """Whether an account of the scope has a long outage."""
    since = lease.began_at - timedelta(seconds=LONG_OUTAGE_SECONDS)
    return AccountOutage.objects.filter(
        account__in=list_scope_accounts(lease.scope), since__lt=since
    ).exists()


def record_outages(lease: Lease, error: AwsError) -> bool:
    """After a reading without a response, record outages of the scope's accounts; returns whether there are any."""
    if error.kind is not ErrorKind.UNKNOWN:
        return False
    silent = [account for account in list_scope_accounts(lease.scope) if not _is_reachable(account)]
    if silent:
        with short_transaction(), connection.cursor() as cursor:
            for account in silent:
                cursor.execute(RECORD_OUTAGE, [account.pk, OUTAGE_RETRY_SECONDS])
    return bool(silent)


def clear_outages(lease: Lease) -> None:
    """After a complete reading, end the outages of the scope's accounts."""
    outages = AccountOutage.objects.filter(account__in=list_scope_accounts(lease.scope))
    if outages.exists():
        outages.delete()


def _is_reachable(account: Account) -> bool:
    """Whether AWS responds in this account, even with a refusal."""
    try:
        read_caller_arn(get_client("sts", account=account, role="observer", region=account.region))
    except AwsError as error:
        return error.kind is not ErrorKind.UNKNOWN
    return True
