"""Start, answer, call off and close campaigns. Keeping a grant never extends it.

Locks are taken in this order: campaign, request, item, grant, line.
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.actions import record
from audit.models import Event
from catalog.mirror.models import Classification
from identity.errors import NotFoundError, RefusedError, demand
from identity.people.events import record_by_person
from identity.people.models import Person
from requests_app.access_requests.input_checks import check_key, check_same_submission, check_text
from requests_app.access_requests.locks import lock_form
from requests_app.access_reviews.evidence import compute_evidence_digest
from requests_app.access_reviews.may import (
    may_call_off_campaign,
    may_close_campaign,
    may_keep_lines,
    may_revoke_lines,
    may_settle_line,
    may_start_campaign,
)
from requests_app.access_reviews.models import Campaign, CampaignLine
from requests_app.access_reviews.queries import get_line_similarity, judge_line_similarity, list_lines
from requests_app.access_reviews.scope import MAX_UNUSED_DAYS, AccessReviewScope, list_scope_grants
from requests_app.access_reviews.states import (
    CampaignState,
    LineState,
    check_campaign_transition,
    check_line_transition,
)
from requests_app.grants.end_dates import has_ended
from requests_app.grants.ending import check_end_reason, end_grant_early, shorten_grant
from requests_app.grants.queries import get_locked_grant

MIN_DURATION, MAX_DURATION = timedelta(days=1), timedelta(days=366)
MAX_NAME_LENGTH = 120
MAX_LINES = 1000
MAX_DECISIONS = 200
ENGINE_ACTOR = "engine:campaign"


@transaction.atomic(durable=True)
def start_campaign(
    *, acting_user: Person, name: str, scope: AccessReviewScope, due_at: datetime, key: str, now: datetime
) -> Campaign:
    """Ask for a word on each grant that is live in the scope now; grants that come later are not in it. Sent again
    under its key, it is one.

    Raises ForbiddenError, or RefusedError at the input that does not stand, for a scope with nothing in it, and for
    a key that came with another campaign.
    """
    demand(may_start_campaign(acting_user, scope.domain))
    check_key(key)
    lock_form(acting_user, key)
    if first := Campaign.objects.filter(started_by=acting_user, key=key).first():
        check_same_submission(is_same=_is_same(first, name, scope, due_at))
        return first
    _check_form(name, scope, due_at, now)
    grants = list(list_scope_grants(scope, now).values_list("pk", flat=True)[: MAX_LINES + 1])
    if not grants:
        raise RefusedError(_("No active grant matches, so there is nothing to review."), "scope")
    if len(grants) > MAX_LINES:
        raise RefusedError(
            _("More than %(most)s grants match. Choose a narrower scope.") % {"most": MAX_LINES}, "scope"
        )
    data = {**_serialize_scope(scope), "due_at": due_at.isoformat(), "grants": grants}
    pk = _reserve_id()
    event = record_by_person("start_campaign", acting_user, f"campaign:{pk}", data, now)
    campaign = Campaign.objects.create(
        pk=pk, name=name.strip(), started_by=acting_user, started_at=now, due_at=due_at, domain=scope.domain,
        product=scope.product, account=scope.account, classification=scope.classification,
        unused_days=scope.unused_days, key=key, event=event,
    )  # fmt: skip
    CampaignLine.objects.bulk_create(CampaignLine(campaign=campaign, grant_id=pk) for pk in grants)
    return campaign


@transaction.atomic(durable=True)
def keep_lines(
    *,
    acting_user: Person,
    campaign_id: int,
    line_ids: Collection[int],
    reason: str,
    now: datetime,
    until: datetime | None = None,
) -> list[CampaignLine]:
    """Say that grants are still needed: they end when they would have, or at `until`, which must be sooner. Those
    that have their answer, or have ended, are left out.

    Raises NotFoundError, ForbiddenError, RefusedError without a reason, for too many, for an end that is later, or
    for lines that are not alike.
    """
    if not reason.strip():
        raise RefusedError(_("Say why the access is still needed."), "reason")
    check_text(reason, "reason")
    lines = _get_locked_lines(acting_user, campaign_id, line_ids, now)
    if not (alike := judge_line_similarity([get_line_similarity(line) for line in lines])):
        raise RefusedError(alike.reason, "lines")
    done = []
    for line in lines:
        demand(may_keep_lines(acting_user, line))
        if line.state != LineState.OPEN:
            continue
        if until is not None:
            shorten_grant(line.grant, until, now)
        data = {"campaign": campaign_id, "until": until and until.isoformat()}
        subject = f"grant:{line.grant_id}"
        event = record_by_person("keep_grant", acting_user, subject, data, now)
        _save_decision(line, LineState.KEPT, event, by=acting_user, reason=reason, until=until)
        done.append(line)
    return done


@transaction.atomic(durable=True)
def revoke_lines(
    *, acting_user: Person, campaign_id: int, line_ids: Collection[int], reason: str, now: datetime
) -> list[CampaignLine]:
    """End grants, also such as were kept before, by the grants' own road. Those that have ended are left out.

    Raises NotFoundError, ForbiddenError, RefusedError without a reason or for too many.
    """
    check_end_reason(reason)
    done = []
    for line in _get_locked_lines(acting_user, campaign_id, line_ids, now):
        demand(may_revoke_lines(acting_user, line))
        if line.state in {LineState.OPEN, LineState.KEPT}:
            event = end_grant_early(line.grant, by=acting_user, reason=reason, now=now, campaign=campaign_id)
            _save_decision(line, LineState.REVOKED, event, by=acting_user, reason=reason)
            done.append(line)
    return done


@transaction.atomic(durable=True)
def call_off_campaign(*, acting_user: Person, campaign_id: int, reason: str, now: datetime) -> Campaign:
    """Ask no more: what nobody answered goes on as it was, what was answered stays so.

    Raises NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError without a reason.
    """
    if not reason.strip():
        raise RefusedError(_("Say why you cancel the access review."), "reason")
    check_text(reason, "reason")
    campaign = _get_locked_campaign(campaign_id)
    _check_visible(acting_user, campaign)
    demand(may_call_off_campaign(acting_user, campaign))
    campaign.state = check_campaign_transition(CampaignState(campaign.state), CampaignState.CALLED_OFF)
    event = record_by_person(
        "call_off_campaign", acting_user, f"campaign:{campaign.pk}", {"reason": reason.strip()}, now
    )
    _save_closing(campaign, event)
    return campaign


@transaction.atomic(durable=True)
def settle_line(*, line_id: int, now: datetime) -> CampaignLine:
    """The clerk's verb, for a line without an answer: its grant has ended meanwhile, or the due time has come and
    the grant ends by default, on the word of whoever started the campaign.

    Raises IllegalTransitionError when it has its answer, ForbiddenError when it is not due.
    """
    found = CampaignLine.objects.filter(pk=line_id).first()
    if found is None:
        raise NotFoundError
    campaign = _get_locked_campaign(found.campaign_id)
    check_campaign_transition(CampaignState(campaign.state), CampaignState.CLOSED)
    line = _get_locked_line(found, None)
    grant = line.grant
    if has_ended(grant, now):
        data = {"campaign": campaign.pk}
        event = record(verb="close_line", actor=ENGINE_ACTOR, subject=f"grant:{grant.pk}", data=data, now=now)
        _save_decision(line, LineState.ENDED, event)
        return line
    demand(may_settle_line(campaign, now))
    check_line_transition(LineState(line.state), LineState.DEFAULTED)
    due = date_format(timezone.localtime(campaign.due_at), "j F Y, H:i")
    reason = _("Access review “%(name)s”: nobody kept it by %(due)s.") % {"name": campaign.name, "due": due}
    event = end_grant_early(
        grant,
        by=campaign.started_by,
        reason=reason,
        now=now,
        actor=ENGINE_ACTOR,
        campaign=campaign.pk,
        by_default=True,
    )
    _save_decision(line, LineState.DEFAULTED, event, reason=reason)
    return line


@transaction.atomic(durable=True)
def close_campaign(*, campaign_id: int, now: datetime) -> Campaign:
    """The clerk's verb: its time is over and every line has its answer. The event keeps the evidence's digest.

    Raises IllegalTransitionError when it is closed, ForbiddenError when it is not due or a line waits.
    """
    campaign = _get_locked_campaign(campaign_id)
    campaign.state = check_campaign_transition(CampaignState(campaign.state), CampaignState.CLOSED)
    demand(may_close_campaign(campaign, now))
    counts = Counter(campaign.lines.values_list("state", flat=True))
    data = {"counts": dict(counts), "evidence": compute_evidence_digest(campaign)}
    subject = f"campaign:{campaign.pk}"
    _save_closing(
        campaign, record(verb="close_campaign", actor=ENGINE_ACTOR, subject=subject, data=data, now=now)
    )
    return campaign


def _check_form(name: str, scope: AccessReviewScope, due_at: datetime, now: datetime) -> None:
    if not 0 < len(name.strip()) <= MAX_NAME_LENGTH:
        raise RefusedError(
            _("Use a name of at most %(most)s characters.") % {"most": MAX_NAME_LENGTH}, "name"
        )
    if not now + MIN_DURATION <= due_at <= now + MAX_DURATION:
        raise RefusedError(
            _("Choose a deadline from a day to a year from now, so that data owners have time to decide."),
            "due_at",
        )
    if scope.classification and scope.classification not in Classification.values:
        raise RefusedError(_("This classification does not exist."), "classification")
    if scope.unused_days is not None and not 0 < scope.unused_days <= MAX_UNUSED_DAYS:
        words = _("Choose from 1 to %(most)s days.") % {"most": MAX_UNUSED_DAYS}
        raise RefusedError(words, "unused_days")


def _serialize_scope(scope: AccessReviewScope) -> dict[str, Any]:
    """As the event keeps them."""
    filters = {
        "domain": scope.domain and scope.domain.pk,
        "product": scope.product and scope.product.pk,
        "account": scope.account and scope.account.pk,
        "classification": scope.classification,
    }
    return {**filters, "unused_days": scope.unused_days} if scope.unused_days else filters


def _is_same(first: Campaign, name: str, scope: AccessReviewScope, due_at: datetime) -> bool:
    over = AccessReviewScope(
        first.domain, first.product, first.account, first.classification, first.unused_days
    )
    return (first.name, over, first.due_at) == (name.strip(), scope, due_at)


def _reserve_id() -> int:
    """Of the campaign, which its event names before the row, that needs the event, is there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('requests_campaign', 'id'))")
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def _get_locked_lines(
    person: Person, campaign_id: int, line_ids: Collection[int], now: datetime
) -> list[CampaignLine]:
    """Those of the lines whose grants are live, locked with them. NotFoundError; RefusedError when time is over."""
    if len(line_ids) > MAX_DECISIONS:
        raise RefusedError(_("Decide on at most %(most)s at once.") % {"most": MAX_DECISIONS}, "lines")
    campaign = _get_locked_campaign(campaign_id)
    _check_visible(person, campaign)
    if campaign.state != CampaignState.OPEN or campaign.due_at <= now:
        raise RefusedError(_("The deadline has passed. Nothing was changed."), "lines")
    found = list(list_lines(person, campaign).filter(pk__in=line_ids))
    if len(found) < len(set(line_ids)):
        raise NotFoundError
    locked = [_get_locked_line(line, person) for line in found]
    return [line for line in locked if not has_ended(line.grant, now)]


def _get_locked_campaign(campaign_id: int) -> Campaign:
    rows = Campaign.objects.select_for_update(of=("self",)).select_related("started_by", "domain")
    campaign = rows.filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFoundError
    return campaign


def _get_locked_line(line: CampaignLine, person: Person | None) -> CampaignLine:
    grant = get_locked_grant(person, line.grant_id)
    locked = CampaignLine.objects.select_for_update().get(pk=line.pk)
    locked.grant = grant
    return locked


def _check_visible(person: Person, campaign: Campaign) -> None:
    """NotFoundError for a campaign that has nothing of this person's."""
    if not list_lines(person, campaign).exists():
        raise NotFoundError


def _save_decision(
    line: CampaignLine,
    state: LineState,
    event: Event,
    *,
    by: Person | None = None,
    reason: str = "",
    until: datetime | None = None,
) -> None:
    line.state = check_line_transition(LineState(line.state), state)
    line.answered_by, line.answered_at, line.event = by, event.at, event
    line.reason, line.until = reason.strip(), until
    line.save(update_fields=["state", "answered_by", "answered_at", "event", "reason", "until"])


def _save_closing(campaign: Campaign, event: Event) -> None:
    campaign.closed_at, campaign.closing_event = event.at, event
    campaign.save(update_fields=["state", "closed_at", "closing_event"])
