"""Writes justifications: the permissions that the intents of grants want, as rows."""

from fulfilment.intents.models import JUSTIFICATION_KEY, Justification
from lakeformation.access.access import Access
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.permissions import Permission


def write_justifications(intent: int, access: Access) -> None:
    """Insert the permissions of the access, or update the columns of those that exist."""
    held = (one for one in access.permissions if not one[0].passed_on_by)
    Justification.objects.bulk_create(
        (_build_justification(intent, permission, columns) for permission, columns in held),
        update_conflicts=True,
        unique_fields=JUSTIFICATION_KEY,
        update_fields=["columns"],
    )


def replace_link_justifications(intent: int, access: Access) -> None:
    """Delete the justifications in the consumer's catalog, then write those of the access under its new link naming."""
    landing = {"account_id": access.consumer_catalog.account, "region": access.consumer_catalog.region}
    Justification.objects.filter(intent=intent, **landing).delete()
    write_justifications(intent, access)


def _build_justification(intent: int, one: Permission, columns: ColumnSet) -> Justification:
    return Justification(
        intent_id=intent,
        account_id=one.catalog.account,
        region=one.catalog.region,
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
