"""Who may request, see, decide on and end write access."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog.products.may import EDITOR_ROLES, is_data_owner, is_editor, list_data_owner_ids
from catalog.products.models import Domain
from identity.people.may import can_read_everything, get_team_ids_with_role
from identity.people.models import Person
from identity.role_changes.bars import filter_unbarred, may_decide_row
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.write_access.models import WriteRequest


def visible_write_requests(person: Person) -> QuerySet[WriteRequest]:
    """Selects requests for the domains of which the person is a data owner or developer; all for governance admins and auditors."""
    if can_read_everything(person):
        return WriteRequest.objects.all()
    teams = get_team_ids_with_role(person, *EDITOR_ROLES)
    return WriteRequest.objects.filter(Q(domain__owner_team__in=teams) | Q(requested_by=person))


def may_request_write_access(person: Person, domain: Domain) -> Verdict:
    """The data owners and developers of the domain's team."""
    if person.is_active and is_editor(person, domain):
        return ALLOWED
    team = {"team": domain.owner_team.name}
    return refusal(
        _("Only data owners and developers of %(team)s can request write access to its tables.") % team
    )


def may_withdraw_write_request(person: Person, row: WriteRequest) -> Verdict:
    """Whoever asked for it."""
    if person.is_active and row.requested_by_id == person.pk:
        return ALLOWED
    return refusal(_("Only the requester can withdraw this."))


def may_approve_write_request(person: Person, row: WriteRequest) -> Verdict:
    """A data owner of the domain who did not ask for it."""
    if row.requested_by_id == person.pk:
        return refusal(_("You requested this yourself. Another data owner has to decide."))
    if person.is_active and is_data_owner(person, row.domain):
        return may_decide_row(person, row, "decided_by")
    team = {"team": row.domain.owner_team.name}
    return refusal(_("Only data owners of %(team)s can decide on it.") % team)


def may_reject_write_request(person: Person, row: WriteRequest) -> Verdict:
    """Whoever may approve it."""
    return may_approve_write_request(person, row)


def list_deciders(row: WriteRequest) -> list[int]:
    """Ids of the data owners of the domain who may decide on it."""
    owners = list_data_owner_ids(row.domain, without=row.requested_by_id)
    return filter_unbarred(owners, row, "decided_by")


def may_end_write_access(person: Person, row: WriteRequest) -> Verdict:
    """A data owner of the domain."""
    if person.is_active and is_data_owner(person, row.domain):
        return ALLOWED
    return refusal(_("Only data owners of %(team)s can end it.") % {"team": row.domain.owner_team.name})
