"""Request write access. The other verbs are those of `decisions.actions`."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from decisions.actions import record_request
from decisions.states import DecisionState
from identity.accounts import Principal
from identity.people.models import Person
from kernel.errors import RefusedError, require_allowed
from kernel.queries import insert_open_row
from kernel.text import check_text
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH, check_end
from requests_app.write_access.effects import check_obstacles
from requests_app.write_access.kind import WRITE_REQUEST
from requests_app.write_access.may import may_request_write_access
from requests_app.write_access.models import WriteRequest, WriteVerb
from requests_app.write_access.targets import check_writable, check_writer, list_writable_tables


@transaction.atomic(durable=True)
def request_write_access(
    *,
    acting_user: Person,
    table_id: int,
    principal: Principal,
    verbs: Collection[str],
    purpose: str,
    ends_at: datetime,
    now: datetime,
) -> WriteRequest:
    """Ask for it; nothing happens in AWS. ForbiddenError, or RefusedError at an invalid field."""
    table = list_writable_tables(acting_user).filter(pk=table_id).first()
    if table is None:
        raise RefusedError(_("There is no such table in your domains."), "table")
    domain = check_writable(table)
    require_allowed(may_request_write_access(acting_user, domain))
    check_writer(principal, table, domain)
    check_end(ends_at, now)
    if not verbs or not set(verbs) <= set(WriteVerb.values):
        raise RefusedError(_("Choose what the role may do: INSERT, DELETE or ALTER."), "verbs")
    row = WriteRequest(
        table=table,
        domain=domain,
        principal=principal,
        verbs=sorted(set(verbs)),
        ends_at=ends_at,
        purpose=check_text(purpose, "purpose", MAX_TEXT_LENGTH, _("Say what the role writes, and why.")),
        requested_by=acting_user,
        requested_at=now,
    )
    check_obstacles(row)
    # RefusedError if earlier approvals give the role all of this until the end or later.
    held = WriteRequest.objects.filter(
        table=row.table,
        principal=row.principal,
        state=DecisionState.APPROVED,
        ends_at__gte=row.ends_at,
        verbs__contains=row.verbs,
    )
    if held.exists():
        raise RefusedError(_("The role already has this access until then or longer."), "principal")
    same = WriteRequest.objects.filter(table=table, principal=principal, state=DecisionState.WAITING)
    refusal = RefusedError(_("This role already has an open request for this table."), "principal")
    insert_open_row(row, same, refusal)
    record_request(WRITE_REQUEST, row, {"reason": row.purpose, "verbs": row.verbs})
    return row
