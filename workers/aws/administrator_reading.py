"""Confirms that an account's observer is shown everything: AWS cuts listings to what the caller may see."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from identity.accounts.models import Account
from workers.aws import account_setup
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.sessions import get_client

INCOMPLETE_TEXT = "{role} is neither a data lake administrator nor a read-only administrator: AWS lists a part of the permissions"


@contextmanager
def confirmed_administrator(reader: Account, region: str, session_name: str = "observe") -> Iterator[None]:
    """AwsError unless the observer is an administrator when the block begins and when it ends.

    Rows of others in a listing confirm nothing: whoever holds a permission may be shown who else holds it (AWS Lake
    Formation API reference, ListPermissions).
    """
    lakeformation = get_client(
        "lakeformation", account=reader, role="observer", region=region, session_name=session_name
    )
    _require_administrator(lakeformation, reader)
    yield
    _require_administrator(lakeformation, reader)


def _require_administrator(lakeformation: Any, reader: Account) -> None:
    if not account_setup.is_administrator(lakeformation, reader.account_id, reader.observer_role_arn):
        text = INCOMPLETE_TEXT.format(role=reader.observer_role_arn)
        raise AwsError(ErrorKind.DENIED, "IncompleteListing", text)
