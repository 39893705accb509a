"""Writes why each permission is there: what the intents of grants want, as rows."""

from fulfilment.intents.models import ONCE, Justification
from lakeformation.access.access import Access
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.permissions import Permission


def write_justifications(intent: int, access: Access) -> None:
    """Make the rows say what the access wants: new ones come, and the columns of those that are there follow."""
    held = (one for one in access.permissions if not one[0].through)
    Justification.objects.bulk_create(
        (_row(intent, permission, columns) for permission, columns in held),
        update_conflicts=True,
        unique_fields=ONCE,
        update_fields=["columns"],
    )


def move_justifications(intent: int, access: Access) -> None:
    """The same where what is wanted in the consumer's catalog has other names from now on: those of before go."""
    landing = {"account_id": access.landing.account, "region": access.landing.region}
    Justification.objects.filter(intent=intent, **landing).delete()
    write_justifications(intent, access)


def _row(intent: int, one: Permission, columns: ColumnSet) -> Justification:
    return Justification(
        intent_id=intent,
        account_id=one.place.account,
        region=one.place.region,
        principal_arn=one.principal,
        database=one.database,
        table=one.table,
        verb=one.verb,
        cells_filter=one.cells_filter,
        grantable=one.grantable,
        tagged=one.tagged,
        policy=one.policy.to_json() if one.policy else {},
        columns=columns.to_json(),
    )
