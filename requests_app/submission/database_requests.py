"""Request every table of a database: as one item that includes future tables, or as one item for each of today's."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.mirror.models import Database
from identity.accounts.models import Principal
from identity.errors import RefusedError, require_allowed
from identity.people.events import record_by_person
from identity.people.models import Person, Team
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.grants.models import EFFECTIVE_GRANTS, Grant
from requests_app.policies.required_information import NOTHING_PROVIDED, ProvidedInformation
from requests_app.review.auto_approval import approve_automatically
from requests_app.submission.actions import submit_access_request
from requests_app.submission.form_checks import check_form, find_submitted_request
from requests_app.submission.many_tables import (
    build_event_data,
    build_example_item,
    check_same_form,
    check_target_as_shown,
    create_many_tables_item,
    create_request,
)
from requests_app.submission.many_tables_offers import check_database_offer
from requests_app.submission.may import may_submit_access_request_for_database
from requests_app.targets.checks import check_principal
from requests_app.targets.databases import (
    DATABASE_FIELD,
    DatabaseTarget,
    FutureAccess,
    build_database_target,
    get_database_changed_message,
)
from requests_app.targets.requested_item import RequestedItem


@transaction.atomic(durable=True)
def submit_access_request_for_database(
    *,
    acting_user: Person,
    team: Team,
    principal: Principal,
    purpose: str,
    ends_at: datetime,
    database: Database,
    members_hash: str,
    idempotency_key: str,
    now: datetime,
    offer_id: int | None = None,
    use: str = "",
    accepted_term_ids: Collection[int] = (),
    provided: ProvidedInformation = NOTHING_PROVIDED,
) -> AccessRequest:
    """Request all tables of a database and future ones; `members_hash` names what the person saw. The first
    request when it was sent before under this key. For offer, use, terms, `provided` see `submit_access_request`.
    Raises ForbiddenError, or RefusedError naming the input that does not stand.
    """
    require_allowed(may_submit_access_request_for_database(acting_user, team, principal))
    words = {"team": team, "principal": principal, "purpose": purpose.strip(), "ends_at": ends_at}
    asked = {"whole_database": True}
    if first := find_submitted_request(acting_user, idempotency_key):
        check_same_form(first, words, {**asked, "offer_id": offer_id, "use": use}, provided, now)
        return first
    found = build_database_target(database, acting_user)
    check_target_as_shown(found, members_hash, DATABASE_FIELD, get_database_changed_message())
    items = [build_example_item(found)]
    check_form(purpose=purpose, ends_at=ends_at, items=items, idempotency_key=idempotency_key, now=now)
    check_principal(principal)
    check_database_not_granted(found, principal, ends_at)
    offer = check_database_offer(
        acting_user, offer_id, found, use=use, ends_at=ends_at, accepted_term_ids=accepted_term_ids, now=now
    )
    request = create_request(acting_user, idempotency_key, words, now)
    item = create_many_tables_item(request, found, offer, use, provided, **asked)
    _record_request(item, found, now)
    approve_automatically(item, now)
    return request


def check_database_not_granted(found: DatabaseTarget, principal: Principal, ends_at: datetime) -> None:
    """RefusedError when the principal has every table of the database, until then or longer."""
    had = Grant.objects.filter(
        EFFECTIVE_GRANTS,
        principal=principal,
        item__whole_database=True,
        table__database=found.database,
        ends_at__gte=ends_at,
    )
    if had.exists():
        words = {"role": principal.name, "database": found.database}
        raise RefusedError(
            _("%(role)s already has access to every table of %(database)s.") % words, DATABASE_FIELD
        )


def _record_request(item: RequestItem, found: DatabaseTarget, now: datetime) -> None:
    data = {"database": found.database.pk, **build_event_data(item, found)}
    record_by_person(
        "submit_access_request_for_database", item.requester, f"request:{item.request_id}", data, now
    )


def submit_for_future_access(
    *,
    future_access: FutureAccess,
    requester: Person,
    database: Database,
    members_hash: str,
    idempotency_key: str,
    **form_values: Any,
) -> AccessRequest:
    """Submit by `submit_access_request_for_database` or `submit_access_request`, which take `form_values`."""
    asked = {"acting_user": requester, "idempotency_key": idempotency_key, **form_values}
    if future_access == FutureAccess.TABLES:
        return submit_access_request_for_database(database=database, members_hash=members_hash, **asked)
    found = build_database_target(database, requester)
    if found.members_hash != members_hash and not find_submitted_request(requester, idempotency_key):
        raise RefusedError(get_database_changed_message(), DATABASE_FIELD)
    under = {"offer_id": asked.pop("offer_id", None), "use": asked.pop("use", "")}
    return submit_access_request(items=list_database_items(found, future_access, **under), **asked)


def list_database_items(
    found: DatabaseTarget, future_access: FutureAccess, **under: Any
) -> list[RequestedItem]:
    """Each of the tables, whole with columns yet to come, or with those that it has."""
    keeps = future_access == FutureAccess.COLUMNS
    return [
        RequestedItem(
            one.table.pk, () if keeps else tuple(column.name for column in one.table.columns.all()), keeps, None,
            **under,
        )
        for one in found.tables
    ]  # fmt: skip
