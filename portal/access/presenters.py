"""Grants with their state for lists and pages."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from fulfilment.observations.models import ReadingTimes
from identity.people.models import Person
from requests_app.access_requests.may import get_item_domain
from requests_app.grants.approvers import list_approvers
from requests_app.grants.end_dates import NearestEnd, get_nearest_end, has_ended
from requests_app.grants.may import may_revoke_grant
from requests_app.grants.models import Grant
from requests_app.grants.queries import get_removal_time, is_in_progress
from requests_app.grants.states import GrantState
from requests_app.grants.usage import describe_last_use, get_last_uses
from requests_app.permissions.may import may_explain_holder
from requests_app.review.access_status import AccessStatus, get_access_status
from requests_app.targets.recipients import get_recipient_key, list_recipient_keys


@dataclass(frozen=True)
class GrantRow:
    """`last_use`: in words,
    when it was last used, or since when not; empty for an ended one. `removed_at`: when its absence from
    AWS was proven. `is_in_progress`: the workers are about to apply, remove or read it back.
    """

    grant: Grant
    status: AccessStatus
    may_revoke: bool
    may_extend: bool = False
    may_query: bool = False
    may_explain: bool = False
    approvers: tuple[str, ...] = ()
    last_use: str = ""
    removed_at: datetime | None = None
    is_in_progress: bool = False

    @property
    def nearest_end(self) -> NearestEnd:
        return get_nearest_end(self.grant)

    @property
    def has_inactive_requester(self) -> bool:
        """Whether the grant is live and its requester is deactivated."""
        return self.grant.state == GrantState.LIVE and not self.grant.item.request.current_requester.is_active


def build_grant_rows(grants: Iterable[Grant], person: Person, now: datetime) -> list[GrantRow]:
    """Grants with the same owner, consumer and requester share one permission check."""
    verdicts: dict[tuple[object, ...], bool] = {}
    theirs = list_recipient_keys(person)
    rows, grants = [], list(grants)
    uses = get_last_uses(grants)
    readings = ReadingTimes({grant.intent.scope_key for grant in grants})
    for grant in grants:
        domain = get_item_domain(grant.item)
        alike = (
            domain and domain.owner_team_id,
            grant.principal.account.team_id,
            grant.item.request.current_requester.pk,
        )
        if alike not in verdicts:
            verdicts[alike] = bool(may_revoke_grant(person, grant))
        live = not has_ended(grant, now)
        is_theirs = live and get_recipient_key(grant.item.request) in theirs
        used = describe_last_use(uses[grant.pk], now) if live else ""
        may_revoke = verdicts[alike] and live
        rows.append(
            GrantRow(
                grant,
                get_access_status(grant, now=now, readings=readings),
                may_revoke,
                is_theirs and grant.item.target.is_single_table,
                is_theirs and not grant.principal.is_account,
                may_explain_holder(person, grant.principal, domain),
                last_use=used,
                removed_at=get_removal_time(grant),
                is_in_progress=is_in_progress(grant, has_ended=not live),
            )
        )
    return rows


def list_polled_values(rows: Iterable[GrantRow]) -> tuple[object, ...]:
    """Values of the rows that can change without a user action."""
    return tuple(
        (
            row.grant.pk,
            row.status,
            row.may_revoke,
            row.may_extend,
            row.removed_at,
            row.is_in_progress,
            row.last_use,
        )
        for row in rows
    )


def add_approvers(rows: Collection[GrantRow]) -> list[GrantRow]:
    """The same rows with their approvers. One query."""
    words = list_approvers([row.grant.item_id for row in rows])
    return [replace(row, approvers=words.get(row.grant.item_id, ())) for row in rows]
