"""What the removal of an unmanaged permission takes from whom."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.mirror.models import Table
from fulfilment.observations.models import ObservedPermission
from fulfilment.observations.storage import get_data_catalog
from fulfilment.permissions.catalog_permissions import CatalogPermission, PermissionKey, PermissionStatus
from fulfilment.permissions.queries import load_observed_permissions, load_permissions
from identity.accounts import ConnectedCatalog, Principal
from kernel.errors import RefusedError
from lakeformation.explanation.access_paths import ColumnLoss, find_losses, find_readers
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS
from lakeformation.values.arn import ROLE_OR_USER_PATTERN
from lakeformation.values.permissions import ALL_TABLES, READING_VERBS, Permission
from lakeformation.values.wording import describe_permission, list_names
from requests_app.permissions.explanation_facts import TableFacts
from requests_app.permissions.queries import describe_permission_scope, get_holder_name

MAX_TABLES, MAX_NAMES = 20, 5
"""So many tables of a database are looked at one by one; so many names are spelt out."""


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
        losses += _describe_iam_losses(catalog, one)
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
        catalog=catalog,
        principal_arn__in=[one.principal, IAM_ALLOWED_PRINCIPALS],
        database=one.database,
        table__in=[one.table, ALL_TABLES],
        verb__in=READING_VERBS,
        condition="",
    ).exclude(pk__in=[line.observed_id])
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


def _describe_iam_losses(catalog: ConnectedCatalog, removed: Permission) -> list[str]:
    """Sentences on a permission of IAMAllowedPrincipals. Seven queries a table, and four."""
    if not removed.table:
        return [
            _(
                "It is on the database. Nobody loses data, but roles that create tables with IAM permissions alone no longer can."
            )
        ]
    live = Table.objects.filter(
        database__catalog=catalog,
        database__name=removed.database,
        database__tombstoned_at=None,
        tombstoned_at=None,
    )
    if removed.table != ALL_TABLES:
        live = live.filter(name=removed.table)
    tables = list(live.select_related("database__catalog__account").order_by("name"))
    sentences: list[str] = []
    named: set[str] = set()
    for table in tables[:MAX_TABLES]:
        facts, home = TableFacts.read(table).facts, get_data_catalog(table.database.catalog)
        where = (table.database.name, table.name)
        holders = sorted(
            reader for reader in find_readers(facts, *where) if ROLE_OR_USER_PATTERN.fullmatch(reader)
        )
        at_home = [holder for holder in holders if holder.split(":")[4] == home.account]
        losses = find_losses(home, facts, where, removed, at_home)
        named |= {loss.principal for loss in losses}
        sentences += [_describe_loss(loss, table) for loss in losses]
    if len(tables) > MAX_TABLES:
        more = {"n": len(tables) - MAX_TABLES}
        sentences.append(_("%(n)s more tables of the database were not checked individually.") % more)
    return [*sentences, *_describe_other_roles(catalog, named), *_describe_unknowns()]


def _describe_loss(one: ColumnLoss, table: Table) -> str:
    words = {
        "who": get_holder_name(one.principal),
        "table": table,
        "lost": list_names(one.lost_columns, MAX_NAMES),
    }
    words["kept"] = list_names(one.remaining_columns, MAX_NAMES)
    if not one.lost_columns:
        return _("With its own permissions, %(who)s keeps all of %(table)s.") % words
    if not one.remaining_columns:
        return _("Without it, %(who)s loses all of %(table)s.") % words
    return _("Without it, %(who)s keeps %(kept)s of %(table)s and loses %(lost)s.") % words


def _describe_other_roles(catalog: ConnectedCatalog, named: set[str]) -> Iterator[str]:
    """Roles that Lake Formation gave nothing: what IAM lets them do is not read."""
    rows = Principal.objects.filter(account=catalog.account, gone_at=None, arn__contains=":iam:").exclude(
        arn__in=named
    )
    names = list(rows.order_by("name").values_list("name", flat=True))
    if names:
        words = {"n": len(names), "names": list_names(names, MAX_NAMES)}
        yield (
            ngettext(
                "%(n)s other known role of the account loses what IAM lets it read: %(names)s.",
                "%(n)s other known roles of the account lose what IAM lets them read: %(names)s.",
                len(names),
            )
            % words
        )


def _describe_unknowns() -> Iterator[str]:
    yield _(
        "Not known: which of these roles really read the table, because no CloudTrail files are read; roles that the portal has not seen; and who created a table and therefore keeps access."
    )
