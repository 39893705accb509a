"""Accounts of which AWS does not answer: their scopes wait together, and go on together when it does again.

Each scope backing off by itself would come late after a long silence, or knock all the time while it lasts.
"""

from datetime import timedelta

from django.db import connection

from fulfilment.rounds.models import Silence
from identity.accounts.models import Account
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.reads import caller
from workers.aws.sessions import client
from workers.engine.claim import ASK_EVERY, Lease, accounts_of, short_transaction
from workers.engine.round_records import Pass

LONG = 9.0
"""Seconds of silence after which nothing is known for sure of what an account holds."""
NOTE = """
INSERT INTO fulfilment_silence (account_id, since, ask_at)
VALUES (%s, clock_timestamp(), clock_timestamp() + make_interval(secs => %s))
    ON CONFLICT (account_id) DO NOTHING
"""


def unanswered(lease: Lease, error: AwsError) -> Pass:
    """What a reading comes to that failed: the scope backs off, or waits with its silent account."""
    is_silent = note_silence(lease, error)
    return Pass(wait=0.0 if is_silent else None, failed=True, silent=is_silent)


def is_long(lease: Lease) -> bool:
    """Whether an account of the scope has been silent for long."""
    since = lease.began_at - timedelta(seconds=LONG)
    return Silence.objects.filter(account__in=accounts_of(lease.scope), since__lt=since).exists()


def note_silence(lease: Lease, error: AwsError) -> bool:
    """After a reading without an answer: whether an account of the scope is silent; such ones are noted."""
    if error.kind is not ErrorKind.UNKNOWN:
        return False
    silent = [account for account in accounts_of(lease.scope) if not _answers(account)]
    if silent:
        with short_transaction(), connection.cursor() as cursor:
            for account in silent:
                cursor.execute(NOTE, [account.pk, ASK_EVERY])
    return bool(silent)


def hear(lease: Lease) -> None:
    """After a complete reading: none of the scope's accounts is silent."""
    Silence.objects.filter(account__in=accounts_of(lease.scope)).delete()


def _answers(account: Account) -> bool:
    """Whether AWS says anything at all in this account, be it a refusal."""
    try:
        caller(client("sts", account=account, role="observer", region=account.region))
    except AwsError as error:
        return error.kind is not ErrorKind.UNKNOWN
    return True
