"""Which grants can be queried as their role, and by which columns."""

from datetime import datetime

from django.utils.translation import gettext as _

from fulfilment.intents.models import Intent
from fulfilment.role_queries import TestQuery
from kernel.errors import RefusedError
from lakeformation.values.arn import ROLE_OR_USER_PATTERN
from requests_app.grants.end_dates import has_ended
from requests_app.grants.models import Grant


def find_query_obstacle(grant: Grant, now: datetime) -> str:
    """Why the grant cannot be queried as its role just now, as a sentence; empty when it can."""
    access, intent = grant.intent.access, grant.intent
    if access.tag_expression or not access.opens_data or access.is_account_grant:
        return _("You can only run a test query on a grant to the data of one table.")
    if not ROLE_OR_USER_PATTERN.fullmatch(access.principal_arn) or ":role/" not in access.principal_arn:
        return _("Only a role can let the workers in.")
    if has_ended(grant, now) or not (intent.is_proven and intent.presence == Intent.Presence.PRESENT):
        return _("The permission has to be read back from AWS first.")
    if TestQuery.objects.filter(intent=intent, finished_at=None).exists():
        return _("The workers are already running a query.")
    return ""


def check_queryable(grant: Grant, now: datetime) -> None:
    """RefusedError with the reason."""
    if reason := find_query_obstacle(grant, now):
        raise RefusedError(reason)


def choose_query_columns(grant: Grant) -> tuple[str, str]:
    """One that the grant gives, and one that it does not: empty where it gives them all. RefusedError without any."""
    given = grant.intent.access.cells.columns
    data = grant.table.columns.filter(is_partition_key=False).order_by("position")
    names = [name.lower() for name in data.values_list("name", flat=True)]
    allowed = next((name for name in names if name in given), "")
    if not allowed:
        raise RefusedError(_("The portal's copy of the table has none of its columns. Sync it first."))
    return allowed, next((name for name in names if name not in given), "")


def get_last_test_query(intent: Intent) -> TestQuery | None:
    """The latest about what is wanted now."""
    return intent.role_queries.filter(generation=intent.generation).order_by("-pk").first()
