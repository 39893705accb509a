"""Give and revoke standing consents; open, confirm, end and review sessions."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.models import Domain
from identity.accounts import Principal
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import RefusedError, require_allowed
from requests_app.access_requests.input_checks import (
    build_form_reused_error,
    check_idempotency_key,
    check_same_submission,
    check_text,
)
from requests_app.access_requests.locks import lock_idempotency_key
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.break_glass.approval import approve_by_consent
from requests_app.break_glass.may import (
    may_confirm_break_glass_session,
    may_end_break_glass_session,
    may_give_consent,
    may_open_break_glass_session,
    may_review_break_glass_session,
    may_revoke_consent,
)
from requests_app.break_glass.models import MAX_HOURS, BreakGlassConsent, BreakGlassSession, ConsentTable
from requests_app.break_glass.queries import get_consent, get_session
from requests_app.break_glass.states import BREAK_GLASS_TRANSITIONS, BreakGlassState
from requests_app.grants.ending import check_end_reason, end_grant_early
from requests_app.grants.models import Grant
from requests_app.grants.queries import get_locked_grant
from requests_app.grants.states import GrantState
from requests_app.policies.evaluation import lock_policies
from requests_app.policy_engine.request_texts import PURPOSE
from requests_app.review.risk import check_and_score
from requests_app.submission.form_checks import check_each, check_form
from requests_app.submission.may import may_submit_access_request
from requests_app.targets.checks import check_columns, check_principal, check_requested_item
from requests_app.targets.recipients import Recipient
from requests_app.targets.requested_item import RequestedItem
from requests_app.targets.visible_targets import read_visible_targets

MAX_CONFIRMATION_DELAY = timedelta(hours=1)
MAX_CONSENT_DURATION = timedelta(days=366)
MAX_TABLES = 50
ColumnsByTable = Mapping[int, Collection[str]]
"""By the table's id."""
CoveredColumns = Mapping[Table, list[str]]
"""Of each table the columns, in order; none: all of them."""


@transaction.atomic(durable=True)
def give_consent(
    *,
    acting_user: Person,
    domain: Domain,
    named_person: Person,
    second_person: Person,
    principal: Principal,
    tables: Collection[Table],
    max_hours: int,
    expires_at: datetime,
    reason: str,
    idempotency_key: str,
    now: datetime,
    columns: ColumnsByTable | None = None,
) -> BreakGlassConsent:
    """Approve in advance that `named_person` reads these tables as `principal` for `max_hours` at most, whenever
    `second_person` confirms it. Tables without an entry in `columns` are covered whole. Idempotent by its key.

    Raises ForbiddenError, or RefusedError for an invalid input.
    """
    require_allowed(may_give_consent(acting_user, domain))
    check_idempotency_key(idempotency_key)
    lock_idempotency_key(acting_user, idempotency_key)
    terms = {
        "domain": domain,
        "recipient": named_person,
        "confirmer": second_person,
        "principal": principal,
        "hours": max_hours,
        "until": expires_at,
        "reason": reason.strip(),
    }
    covered = _map_columns(tables, columns or {})
    if first := BreakGlassConsent.objects.filter(granted_by=acting_user, key=idempotency_key).first():
        before = dict(first.covered.values_list("table", "columns"))
        same = all(getattr(first, name) == value for name, value in terms.items())
        is_same = same and before == {table.pk: names for table, names in covered.items()}
        check_same_submission(is_same=is_same)
        return first
    _check_people(acting_user, named_person, second_person, principal)
    parties = [named_person.pk, second_person.pk]
    require_allowed(may_give_consent(acting_user, domain, parties, principal.account))
    _check_terms(max_hours, expires_at, reason, now)
    _check_tables(domain, covered)
    return _create_consent(acting_user, terms, covered, idempotency_key, now)


@transaction.atomic(durable=True)
def revoke_consent(*, acting_user: Person, consent_id: int, now: datetime) -> BreakGlassConsent:
    """No session can be opened or confirmed under it any more; confirmed ones continue until they end. Revoking it
    again changes nothing.

    Raises NotFoundError, ForbiddenError.
    """
    consent = get_consent(acting_user, consent_id, lock=True)
    require_allowed(may_revoke_consent(acting_user, consent))
    if consent.withdrawn_at is None:
        consent.withdrawn_at, consent.withdrawn_by = now, acting_user
        consent.save(update_fields=["withdrawn_at", "withdrawn_by"])
        record_by_person("revoke_consent", acting_user, f"consent:{consent.pk}", {}, now)
    return consent


@transaction.atomic(durable=True)
def open_break_glass_session(
    *, acting_user: Person, consent_id: int, hours: int, reason: str, idempotency_key: str, now: datetime
) -> BreakGlassSession:
    """Request everything that the consent covers, for some hours from now. The second person has an hour to confirm.
    The data owners are notified at once. Idempotent by its key.

    Raises NotFoundError, ForbiddenError, RefusedError for an invalid input.
    """
    lock_policies()
    consent = get_consent(acting_user, consent_id, lock=True)
    require_allowed(may_open_break_glass_session(acting_user, consent, now))
    mine = BreakGlassSession.objects.filter(started_by=acting_user, request__idempotency_key=idempotency_key)
    if first := mine.select_related("request").first():
        lasts = first.request.ends_at - first.started_at
        before = (first.consent_id, lasts, first.request.purpose)
        is_same = before == (consent.pk, timedelta(hours=hours), reason.strip())
        check_same_submission(is_same=is_same)
        return first
    if not 1 <= hours <= consent.hours:
        most = _("The consent allows at most %(hours)s hours.") % {"hours": consent.hours}
        raise RefusedError(most, "hours")
    request = _create_request(
        acting_user,
        consent,
        reason=reason,
        idempotency_key=idempotency_key,
        ends_at=now + timedelta(hours=hours),
        now=now,
    )
    data = {"consent": consent.pk, "people": [consent.confirmer_id]}
    event = record_by_person("open_break_glass_session", acting_user, f"request:{request.pk}", data, now)
    return BreakGlassSession.objects.create(
        consent=consent,
        request=request,
        started_by=acting_user,
        started_at=now,
        expires_at=now + MAX_CONFIRMATION_DELAY,
        event=event,
    )


@transaction.atomic(durable=True)
def confirm_break_glass_session(
    *, acting_user: Person, session_id: int, effects_hashes: Mapping[int, str], now: datetime
) -> BreakGlassSession:
    """Approve all items as the second person, or none. `effects_hashes` are those of the effects that were shown, by
    item.

    Raises NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError for an effect that the consent does not
    cover or a rule refuses, EffectsChangedError when an effect has changed.
    """
    lock_policies()
    session = get_session(acting_user, session_id, lock=True)
    # Locked, so that it is not revoked in the meantime.
    session.consent = get_consent(acting_user, session.consent_id, lock=True)
    require_allowed(may_confirm_break_glass_session(acting_user, session, now))
    session.state = BREAK_GLASS_TRANSITIONS.check(session.state, BreakGlassState.CONFIRMED)
    session.confirmed_by, session.confirmed_at = acting_user, now
    session.save(update_fields=["state", "confirmed_by", "confirmed_at"])
    AccessRequest.objects.select_for_update().get(pk=session.request_id)
    for item_id in (
        RequestItem.objects.filter(request=session.request_id).order_by("table").values_list("pk", flat=True)
    ):
        approve_by_consent(session, item_id, effects_hashes.get(item_id, ""), now)
    subject = f"request:{session.request_id}"
    record_by_person(
        "confirm_break_glass_session", acting_user, subject, {"consent": session.consent_id}, now
    )
    return session


@transaction.atomic(durable=True)
def end_break_glass_session(
    *, acting_user: Person, session_id: int, reason: str, now: datetime
) -> BreakGlassSession:
    """End all of its live grants.

    Raises NotFoundError, ForbiddenError, RefusedError without a reason.
    """
    session = get_session(acting_user, session_id)
    require_allowed(may_end_break_glass_session(acting_user, session))
    check_end_reason(reason)
    live = Grant.objects.filter(item__request=session.request_id, state=GrantState.LIVE)
    for grant_id in live.order_by("pk").values_list("pk", flat=True):
        grant = get_locked_grant(acting_user, grant_id)
        if grant.state == GrantState.LIVE:
            end_grant_early(grant, ended_by=acting_user, reason=reason, now=now, break_glass=session.pk)
    record_by_person(
        "end_break_glass_session",
        acting_user,
        f"request:{session.request_id}",
        {"reason": reason.strip()},
        now,
    )
    return session


@transaction.atomic(durable=True)
def review_break_glass_session(
    *, acting_user: Person, session_id: int, comment: str, now: datetime
) -> BreakGlassSession:
    """Close it with a comment, once all of it has ended.

    Raises NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError: no comment, or still live.
    """
    session = get_session(acting_user, session_id, lock=True)
    require_allowed(may_review_break_glass_session(acting_user, session))
    session.state = BREAK_GLASS_TRANSITIONS.check(session.state, BreakGlassState.REVIEWED)
    if not comment.strip():
        raise RefusedError(_("Say what you found."), "words")
    check_text(comment, "words")
    if Grant.objects.filter(
        item__request=session.request_id, state=GrantState.LIVE, ends_at__gt=now
    ).exists():
        raise RefusedError(_("Some of this access is still active. End it, or wait until it ends."), "words")
    session.reviewed_by, session.reviewed_at, session.review = acting_user, now, comment.strip()
    session.save(update_fields=["state", "reviewed_by", "reviewed_at", "review"])
    record_by_person(
        "review_break_glass_session",
        acting_user,
        f"request:{session.request_id}",
        {"reason": comment.strip()},
        now,
    )
    return session


def _create_consent(
    person: Person, terms: Mapping[str, Any], covered: CoveredColumns, idempotency_key: str, now: datetime
) -> BreakGlassConsent:
    domain = terms["domain"]
    data = {
        "domain": domain.pk,
        "people": sorted({terms["recipient"].pk, terms["confirmer"].pk}),
        "principal": terms["principal"].pk,
        "tables": sorted(table.pk for table in covered),
        "columns": {str(table.pk): names for table, names in covered.items() if names},
        "hours": terms["hours"],
        "until": terms["until"].isoformat(),
    }
    event = record_by_person("give_consent", person, f"domain:{domain.pk}", data, now)
    consent = BreakGlassConsent.objects.create(
        **terms, granted_by=person, granted_at=now, key=idempotency_key, event=event
    )
    ConsentTable.objects.bulk_create(
        ConsentTable(consent=consent, table=table, columns=names) for table, names in covered.items()
    )
    return consent


def _create_request(
    person: Person,
    consent: BreakGlassConsent,
    *,
    reason: str,
    idempotency_key: str,
    ends_at: datetime,
    now: datetime,
) -> AccessRequest:
    """The request with an item for each table: the columns of the consent, or all that there are now; all rows."""
    asks = [
        _build_requested_item(covered)
        for covered in consent.covered.select_related("table").order_by("table")
    ]
    details = Recipient(consent.principal).build_details({PURPOSE.name: reason}, ends_at)
    check_form(details, items=asks, idempotency_key=idempotency_key, now=now)
    if AccessRequest.objects.filter(requester=person, idempotency_key=idempotency_key).exists():
        raise build_form_reused_error()
    check_principal(consent.principal)
    visible_targets = read_visible_targets(person, asks)
    checked = check_each(asks, lambda ask: check_requested_item(visible_targets, ask))
    request = details.build_request(person, now, idempotency_key)
    request.save()
    for ask in checked:
        item = RequestItem.objects.create(
            request=request,
            requester=person,
            table=ask.table,
            columns=list(ask.columns),
            ends_at=ends_at,
            state_changed_at=now,
        )
        check_and_score(item)
    return request


def _build_requested_item(covered: ConsentTable) -> RequestedItem:
    """A column of the consent that is gone by now is left out: what is there is needed at once."""
    every = covered.table.columns.order_by("position").values_list("name", flat=True)
    names = tuple(name for name in every if not covered.columns or name in covered.columns)
    return RequestedItem(covered.table_id, names)


def _check_people(giver: Person, named_person: Person, second_person: Person, principal: Principal) -> None:
    if len({giver.pk, named_person.pk, second_person.pk}) < len((giver, named_person, second_person)):
        raise RefusedError(
            _("It takes three people: one to give consent, one to open access, and one to confirm."),
            "confirmer",
        )
    team = principal.account.team
    if principal.is_account:
        raise RefusedError(_("Choose a role. An account as a whole would pass the access on."), "principal")
    for field, person in (("recipient", named_person), ("confirmer", second_person)):
        if not may_submit_access_request(person, team, principal):
            words = _("%(name)s is not in %(team)s, whose role it is.")
            raise RefusedError(words % {"name": person.name, "team": team.name}, field)
    if may_submit_access_request(giver, team, principal):
        raise RefusedError(
            _("You are in the team that would read the data. Another data owner has to give this consent."),
            "principal",
        )
    check_principal(principal)


def _check_terms(max_hours: int, expires_at: datetime, reason: str, now: datetime) -> None:
    if not 1 <= max_hours <= MAX_HOURS:
        raise RefusedError(_("Choose 1 to %(most)s hours.") % {"most": MAX_HOURS}, "hours")
    if not now < expires_at <= now + MAX_CONSENT_DURATION:
        raise RefusedError(
            _("Choose a day within a year. After that, the consent has to be given again."), "until"
        )
    if not reason.strip():
        raise RefusedError(_("Say what the consent is for."), "reason")
    check_text(reason, "reason")


def _check_tables(domain: Domain, covered: CoveredColumns) -> None:
    if not 0 < len(covered) <= MAX_TABLES:
        raise RefusedError(_("Choose 1 to %(most)s tables.") % {"most": MAX_TABLES}, "tables")
    others = [table for table in covered if table.database.domain_id != domain.pk]
    if others:
        words = _("%(table)s does not belong to %(domain)s.") % {"table": others[0], "domain": domain.name}
        raise RefusedError(words, "tables")
    for table, names in covered.items():
        try:
            check_columns(table, names, has_future_columns=not names)
        except RefusedError as error:
            raise RefusedError(error.message, "columns") from error


def _map_columns(tables: Collection[Table], columns: ColumnsByTable) -> CoveredColumns:
    if columns.keys() - {table.pk for table in tables}:
        raise RefusedError(_("You listed columns of a table that is not selected."), "columns")
    return {table: sorted(set(columns.get(table.pk, ()))) for table in tables}
