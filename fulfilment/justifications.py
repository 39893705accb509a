"""Why each permission is there, as rows: what the intents of grants want, so that a ledger is a join and not a parse."""

from django.db import models

from lakeformation.access.access import Access
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.permissions import Permission

ONCE = (
    "account_id", "region", "database", "table", "principal_arn", "verb", "cells_filter", "grantable", "tagged",
    "intent",
)  # fmt: skip


class Justification(models.Model):
    """One permission that an intent wants, with its columns; but none that an account passes on, which lists it itself.

    Written with the wanted half of its intent. Whether it justifies anything just now, the intent's end and presence
    say. A permission is named as in `Observed`, in the catalog of `account_id` and `region`: the owner's, or the
    consumer's for one on a link.
    """

    intent = models.ForeignKey("fulfilment.Intent", on_delete=models.PROTECT, related_name="justifications")
    account_id = models.CharField(max_length=12)
    region = models.CharField(max_length=30)
    principal_arn = models.CharField(max_length=600, db_collation="C")
    database = models.CharField(max_length=255, blank=True, db_collation="C")
    table = models.CharField(max_length=255, blank=True, db_collation="C")
    verb = models.CharField(max_length=40, db_collation="C")
    cells_filter = models.CharField(max_length=255, blank=True, db_collation="C")
    grantable = models.BooleanField(default=False)
    tagged = models.CharField(max_length=80, blank=True, db_collation="C")
    policy = models.JSONField(default=dict)
    columns = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=ONCE, name="justification_once")]

    def __str__(self) -> str:
        return f"{self.verb} on {self.tagged or f'{self.database}.{self.table}'} for intent {self.intent_id}"


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
