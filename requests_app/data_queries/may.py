"""Who may ask for rows and profiles of a table, and see them."""

from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from identity.people.may import get_team_ids_with_role
from identity.people.models import Membership, Person
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.data_queries.callers import Caller
from requests_app.data_queries.models import DataQuery


def may_request_sample(person: Person, table: Table) -> Verdict:
    """Whoever sees the table, which the caller has checked, while it is in the catalog. Which rows come is the grants' matter."""
    if not person.is_active:
        return refusal(_("Your profile is deactivated."))
    if table.tombstoned_at is not None:
        return refusal(_("The table is no longer in the catalog."))
    return ALLOWED


def may_request_profile(person: Person, table: Table) -> Verdict:
    """Data owners of the table's domain."""
    domain = table.database.domain
    owned = get_team_ids_with_role(person, Membership.Role.DATA_OWNER)
    if not person.is_active or domain is None or domain.owner_team_id not in owned:
        return refusal(_("Only data owners of the table's domain can have it profiled."))
    if table.tombstoned_at is not None:
        return refusal(_("The table is no longer in the catalog."))
    return ALLOWED


def may_view_query(caller: Caller, query: DataQuery) -> Verdict:
    """Its caller alone, whatever else others may see."""
    is_own = (
        query.requested_by_id == caller.person.pk
        if caller.person
        else caller.token is not None and query.token_id == caller.token.pk
    )
    return ALLOWED if is_own else refusal(_("Only the person who sent the query can see its rows."))


def may_cancel_query(caller: Caller, query: DataQuery) -> Verdict:
    return may_view_query(caller, query)
