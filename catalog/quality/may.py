"""Who may send quality results, and see the messages of rules."""

from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.may import EDITOR_ROLES
from identity.people.may import can_read_everything, get_team_ids_with_role
from identity.people.models import Person
from kernel.verdicts import ALLOWED, Verdict, refusal


def list_team_tables(teams: Collection[int]) -> QuerySet[Table]:
    """Live tables of the teams: of their domains' databases, and of their domains' products."""
    own = Q(database__domain__owner_team__in=teams) | Q(products__domain__owner_team__in=teams)
    return Table.objects.filter(
        pk__in=Table.objects.filter(own, tombstoned_at=None, database__tombstoned_at=None).values("pk")
    )


def may_send_quality_results(person: Person) -> Verdict:
    """Data owners and developers, of tables of their teams. The services of a team may, too, with a token."""
    if person.is_active and get_team_ids_with_role(person, *EDITOR_ROLES):
        return ALLOWED
    return refusal(_("Only data owners and developers can send quality results, for tables of their teams."))


def sees_rule_messages(person: Person, table: Table) -> bool:
    """Messages may hold data: they are for data owners and developers of the table, and for whoever reads the whole mesh."""
    if can_read_everything(person):
        return True
    teams = get_team_ids_with_role(person, *EDITOR_ROLES)
    return bool(teams) and list_team_tables(teams).filter(pk=table.pk).exists()
