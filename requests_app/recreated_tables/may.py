"""Who may see and decide on tables that were created again."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.may import is_data_owner
from identity.people.may import can_read_everything, get_team_ids
from identity.people.models import Person
from identity.role_changes.bars import RoleChangeBar, may_decide_row
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.access_requests.may import may_be_decided
from requests_app.grants.models import Grant
from requests_app.recreated_tables.models import RecreatedTable
from requests_app.review.may import may_decide_as_owner


def visible_recreated_tables(person: Person) -> QuerySet[RecreatedTable]:
    """Selects recreated tables of the domains of the person's teams; all for governance admins and auditors."""
    if can_read_everything(person):
        return RecreatedTable.objects.all()
    return RecreatedTable.objects.filter(table__database__domain__owner_team__in=get_team_ids(person))


def may_keep_recreated_table(person: Person, row: RecreatedTable) -> Verdict:
    """A data owner of the domain. Which of the grants, `may_keep_grant` says of each."""
    domain = row.table.database.domain
    if domain is None:
        return refusal(_("No domain owns this table yet, so nobody can decide."))
    if person.is_active and is_data_owner(person, domain):
        return may_decide_row(person, row, "decided_by")
    return refusal(_("Only data owners of %(team)s can decide on it.") % {"team": domain.owner_team.name})


def may_end_recreated_table(person: Person, row: RecreatedTable) -> Verdict:
    """A data owner of the domain, also one whom a role change bars from keeping them."""
    verdict = may_keep_recreated_table(person, row)
    return ALLOWED if isinstance(verdict, RoleChangeBar) else verdict


def may_keep_grant(person: Person, grant: Grant, table: Table) -> Verdict:
    """As a data owner of the new table who is not on the grant's requesting side: keeping it is a decision on it."""
    item, former = grant.item, grant.item.table
    item.table = table
    try:
        verdict = may_decide_as_owner(person, item)
        return may_be_decided(item) if verdict else verdict
    finally:
        item.table = former
