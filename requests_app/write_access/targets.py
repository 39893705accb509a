"""Which roles may write to which tables: a domain's own pipelines, never consumers."""

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.may import EDITOR_ROLES
from catalog.products.models import Domain
from identity.accounts import Principal
from identity.people.may import get_team_ids_with_role
from identity.people.models import Person
from kernel.errors import RefusedError
from requests_app.targets.checks import VIEW_KINDS, check_reachable, check_recipient, check_table
from requests_app.write_access.may import may_request_write_access


def list_writable_tables(person: Person) -> QuerySet[Table]:
    """Live tables, without views, of the domains whose team the person is a data owner or developer of, outside the
    producers' own catalogs.
    """
    rows = Table.objects.filter(
        database__domain__owner_team__in=get_team_ids_with_role(person, *EDITOR_ROLES),
        tombstoned_at=None,
        database__tombstoned_at=None,
    )
    return (
        rows.exclude(kind__in=VIEW_KINDS)
        .exclude(database__catalog__kind="producer")
        .select_related("database__catalog__account", "database__domain__owner_team")
        .order_by("database__name", "name")
    )


def list_writers(person: Person) -> QuerySet[Principal]:
    """Roles and users of the producer accounts of teams that the person is a data owner or developer of."""
    rows = Principal.objects.filter(
        account__is_producer=True,
        account__team__in=get_team_ids_with_role(person, *EDITOR_ROLES),
        gone_at=None,
        is_portal=False,
    )
    return rows.exclude(arn=F("unique_id")).select_related("account").order_by("account__name", "name")


def check_writable(table: Table) -> Domain:
    """The domain of the table. RefusedError for one that is gone, a view, or of no domain."""
    check_table(table)
    if table.kind in VIEW_KINDS:
        raise RefusedError(_("%(table)s is a view. Nobody can write to it.") % {"table": table}, "table")
    if table.database.catalog.kind == table.database.catalog.Kind.PRODUCER:
        words = _("%(table)s is in the producer's own catalog, where its account decides who writes.")
        raise RefusedError(words % {"table": table}, "table")
    if table.database.domain is None:
        raise RefusedError(_("%(table)s belongs to no domain yet.") % {"table": table}, "table")
    return table.database.domain


def can_request_writing(person: Person, table: Table) -> bool:
    """Whether the person may request write access to this table. No query where its database and domain are read."""
    try:
        domain = check_writable(table)
    except RefusedError:
        return False
    return bool(may_request_write_access(person, domain))


def check_writer(principal: Principal, table: Table, domain: Domain) -> None:
    """RefusedError for a role that is gone, or is not one of a producer account of the domain's team."""
    check_recipient(principal)
    account = principal.account
    if principal.is_account or not account.is_producer or account.team_id != domain.owner_team_id:
        words = _("Only roles in a producer account of %(team)s can write to %(table)s.")
        raise RefusedError(words % {"team": domain.owner_team.name, "table": table}, "principal")
    check_reachable(principal, table.database.catalog)
