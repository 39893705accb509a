"""Write requests as a kind of decision."""

from typing import Any

from django.db.models import Q
from django.utils.translation import ngettext

from decisions.kinds import Kind, register
from identity.people.models import Membership
from requests_app.write_access.may import list_deciders, may_approve_write_request
from requests_app.write_access.models import WriteRequest
from requests_app.write_access.queries import list_write_requests
from requests_app.write_access.states import WriteRequestState


def _select_for_role(role: str, team: Any) -> Q | None:
    owns = team is not None and role == Membership.Role.DATA_OWNER
    return Q(domain__owner_team=team) if owns else None


WRITE_REQUEST = register(
    Kind(
        name="write_request",
        model=WriteRequest,
        waits=Q(state=WriteRequestState.REQUESTED),
        list_visible=list_write_requests,
        may_decide=may_approve_write_request,
        list_deciders=list_deciders,
        select_for_role=_select_for_role,
        get_domain=lambda row: row.domain,
        describe_count=lambda n: ngettext("%(n)d write request", "%(n)d write requests", n),
        page="write-request",
        listing="write-requests",
    )
)
