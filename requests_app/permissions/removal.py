"""What the removal of an unmanaged permission takes from whom."""

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from fulfilment.observations.models import ObservedPermission
from fulfilment.permissions.catalog_permissions import CatalogPermission, PermissionKey, PermissionStatus
from fulfilment.permissions.queries import load_observed_permissions, load_permissions
from identity.accounts.models import ConnectedCatalog
from kernel.errors import RefusedError
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS
from lakeformation.values.permissions import ALL_TABLES, READING_VERBS
from lakeformation.values.wording import describe_permission
from requests_app.permissions.iam_allowed_principals import describe_iam_losses
from requests_app.permissions.queries import describe_permission_scope, get_holder_name


def check_removable(catalog: ConnectedCatalog, line: CatalogPermission, now: datetime) -> None:
    """RefusedError where AWS has no call that takes this away and nothing beside it."""
    one = line.permission
    twin, plain = replace(one, grantable=True), replace(one, grantable=False)
    alike = load_permissions(
        catalog, [PermissionKey.from_permission(twin), PermissionKey.from_permission(plain)], now
    )
    if not one.grantable and any(other.permission == twin for other in alike):
        raise RefusedError(
            _("It is held with the right to pass it on. Remove that permission: both are removed then.")
        )
    if (line.columns.is_exclusion or one.grantable) and any(
        o.status != PermissionStatus.UNMANAGED for o in alike
    ):
        raise RefusedError(
            _("A grant covers part of it, and AWS would remove all of it. Revoke that grant first.")
        )


def describe_losses(catalog: ConnectedCatalog, line: CatalogPermission, now: datetime) -> list[str]:
    """Sentences: who loses what, and by what else they still read it, as last read."""
    one = line.permission
    words = {
        "who": get_holder_name(one.principal),
        "what": describe_permission(one.verb, one.resource, describe_permission_scope(line)),
    }
    losses = [_("%(who)s loses %(what)s.") % words]
    if one.principal == IAM_ALLOWED_PRINCIPALS:
        losses.append(
            _("Whoever can read it only because IAM allows it loses access: jobs as well as people.")
        )
        losses += describe_iam_losses(catalog, one)
    if one.table == ALL_TABLES:
        losses.append(_("This covers all tables of the database, including future ones."))
    if one.policy:
        losses.append(_("This covers everything with these LF-Tags, now and in future."))
        return losses
    losses += _describe_remaining_paths(catalog, line, now)
    return losses


def _describe_remaining_paths(catalog: ConnectedCatalog, line: CatalogPermission, now: datetime) -> list[str]:
    """By what stays: not by what is being removed, too."""
    one = line.permission
    rows = ObservedPermission.objects.filter(
        catalog=catalog, principal_arn__in=[one.principal, IAM_ALLOWED_PRINCIPALS], database=one.database,
        table__in=[one.table, ALL_TABLES], verb__in=READING_VERBS, condition="",
    ).exclude(pk__in=[line.observed_id])  # fmt: skip
    held = [
        other
        for other in load_observed_permissions(catalog, rows, now)
        if other.status != PermissionStatus.ENDING
    ]
    ways = {
        f"{other.permission.verb}, {get_holder_name(other.permission.principal)}"
        for other in held
        if one.table
    }
    return [
        _("It is still readable through other permissions: %(way)s.") % {"way": way} for way in sorted(ways)
    ]
