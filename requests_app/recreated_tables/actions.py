"""Decide on a table that was created again. Each is one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.models import Event
from catalog.mirror.models import Table
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.text import builds_stored_text, check_text
from lakeformation.values.wording import list_names
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.grants.ending import check_end_reason, end_grant_early
from requests_app.grants.may import may_revoke_grants
from requests_app.recreated_tables.comparison import Comparison, GrantComparison
from requests_app.recreated_tables.found_tables import compare_locked_grants, keep_grants
from requests_app.recreated_tables.may import (
    may_end_recreated_table,
    may_keep_grant,
    may_keep_recreated_table,
    visible_recreated_tables,
)
from requests_app.recreated_tables.models import RecreatedTable
from requests_app.recreated_tables.states import RECREATED_TABLE_TRANSITIONS, RecreatedTableState

MAX_LISTED = 9
DECISION_FIELDS = ("state", "decided_by", "decided_at", "comment", "event")


@transaction.atomic(durable=True)
def keep_recreated_table(
    *, acting_user: Person, recreated_table_id: int, effects_hash: str, comment: str, now: datetime
) -> RecreatedTable:
    """Bind the grants to the table that was created again; end those that name what differs. `effects_hash` is of what was
    shown. A grant on which the person may not decide, or that can't be kept yet, stays for another decision.

    Raises NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError if the comparison is another one by now, or nothing
    can be kept.
    """
    row = _lock_recreated_table(acting_user, recreated_table_id)
    require_allowed(may_keep_recreated_table(acting_user, row))
    RECREATED_TABLE_TRANSITIONS.check(row.state, RecreatedTableState.KEPT)
    row.comment = check_text(comment, "comment", MAX_TEXT_LENGTH)
    if row.table.tombstoned_at is not None:
        raise RefusedError(_("This table is gone by now. Another decision follows if it is created again."))
    comparison = compare_locked_grants(row)
    if comparison.effects_hash != effects_hash:
        raise RefusedError(
            _("What keeping does has changed since you opened the page. Check it again."), "effects_hash"
        )
    verdicts = [may_keep_grant(acting_user, grant.grant, row.table) for grant in comparison.grants]
    decided = [
        one for one, verdict in zip(comparison.grants, verdicts, strict=True) if verdict and not one.blockers
    ]
    kept = [one.grant for one in decided if one.is_keepable]
    if not kept:
        for verdict in verdicts:
            require_allowed(verdict)
        raise RefusedError(
            _("None of these grants can be kept. End them, or solve first what is in the way.")
        )
    ended = [one for one in decided if one.obstacles]
    data = _build_event_data(row, comparison, kept, ended)
    event = record_by_person("keep_recreated_table", acting_user, row.subject, data, now)
    keep_grants(row, kept, event, now)
    for one in ended:
        end_grant_early(
            one.grant, ended_by=acting_user, reason=_describe_end(one), now=now, recreated_table=row.pk
        )
    if len(decided) == len(comparison.grants):
        _close(row, RecreatedTableState.KEPT, acting_user, event, now)
    return row


@transaction.atomic(durable=True)
def end_recreated_table(
    *, acting_user: Person, recreated_table_id: int, reason: str, now: datetime
) -> RecreatedTable:
    """End all grants of the earlier tables. NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError without a reason."""
    row = _lock_recreated_table(acting_user, recreated_table_id)
    require_allowed(may_end_recreated_table(acting_user, row))
    RECREATED_TABLE_TRANSITIONS.check(row.state, RecreatedTableState.ENDED)
    check_end_reason(reason)
    row.comment = reason.strip()
    comparison = compare_locked_grants(row)
    data = _build_event_data(row, comparison, (), comparison.grants) | {"reason": row.comment}
    event = record_by_person("end_recreated_table", acting_user, row.subject, data, now)
    for grant in comparison.grants:
        require_allowed(may_revoke_grants(acting_user, grant.grant))
        end_grant_early(
            grant.grant, ended_by=acting_user, reason=row.comment, now=now, recreated_table=row.pk
        )
    _close(row, RecreatedTableState.ENDED, acting_user, event, now)
    return row


def _lock_recreated_table(person: Person, pk: int) -> RecreatedTable:
    rows = visible_recreated_tables(person).select_for_update(of=("self",))
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFoundError
    related = ("database__catalog__account", "database__domain__owner_team")
    row.table = Table.objects.select_related(*related).prefetch_related("columns").get(pk=row.table_id)
    return row


def _build_event_data(
    row: RecreatedTable, comparison: Comparison, kept: Sequence[Any], ended: Sequence[GrantComparison]
) -> dict[str, Any]:
    return {
        "what": str(row),
        "grants": [grant.pk for grant in kept],
        "ended": [grant_comparison.grant.pk for grant_comparison in ended],
        "created_by": row.table.created_by,
        "created_at": row.table.glue_created_at,
        "differences": [change.to_json() for change in comparison.changes],
        "comment": row.comment,
    }


@builds_stored_text
def _describe_end(one: GrantComparison) -> str:
    words = _("The table was deleted and created again, and differs in what this grant names")
    names = {change.name for change in one.differences.changes if change.name}
    names |= one.differences.reclassified
    return f"{words} ({list_names(sorted(names), MAX_LISTED)})" if names else words


def _close(
    row: RecreatedTable, state: RecreatedTableState, person: Person, event: Event, now: datetime
) -> None:
    row.state, row.decided_by, row.decided_at, row.event = state, person, now, event
    row.save(update_fields=DECISION_FIELDS)
