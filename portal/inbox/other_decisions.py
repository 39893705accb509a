"""What waits for a person besides access requests: each kind of decision, and problems, questions, tables that were created again, access that
gives nothing any more, classification findings, access reviews and break-glass sessions. Badge, home page, inbox and API count alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple

from cachetools import LRUCache, cached
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from catalog.change_versions import PageVersion
from catalog.classification.models import Finding, FindingState
from catalog.classification.queries import list_findings_for_stewards
from catalog.problems import (
    OPEN_PROBLEM_STATES,
    Problem,
    ProblemState,
    list_problems,
    may_acknowledge_problem,
)
from catalog.questions import Answer, Question, list_questions_for_owner
from decisions.kinds import Kind, WaitingRows, iterate_kinds
from decisions.models import Proposal
from decisions.states import DecisionState
from fulfilment.intents.models import build_stale_filter
from identity.accounts import Account
from identity.people.may import get_team_ids_with_role, has_platform_role
from identity.people.models import Membership, Person, PlatformRole, get_initials
from identity.people.request_cache import cache_per_request
from kernel import clock
from kernel.clock import Now
from kernel.verdicts import Verdict
from requests_app.access_requests.states import ItemState
from requests_app.access_reviews.models import AccessReview
from requests_app.access_reviews.queries import list_decidable_reviews
from requests_app.access_reviews.states import AccessReviewState
from requests_app.break_glass.may import may_confirm_break_glass_session, may_review_break_glass_session
from requests_app.break_glass.models import BreakGlassSession
from requests_app.break_glass.queries import list_sessions
from requests_app.break_glass.states import BreakGlassState
from requests_app.grants.models import Grant
from requests_app.grants.stale import HAS_STALE_MEMBERS, IS_FOR_REQUESTER, list_stale_grants
from requests_app.grants.subgrants.may import is_account_admin
from requests_app.grants.subgrants.queries import list_administered_accounts
from requests_app.page_counts import get_page_counts
from requests_app.recreated_tables.may import may_keep_recreated_table, visible_recreated_tables
from requests_app.recreated_tables.models import RecreatedTable
from requests_app.recreated_tables.states import RecreatedTableState
from requests_app.review.assignment.queries import get_subject, map_assignees
from requests_app.review.inbox.counts import count_waiting
from requests_app.review.sla.queries import compute_deadline
from requests_app.write_access.may import may_request_write_access
from requests_app.write_access.models import WriteRequest
from requests_app.write_access.queries import list_write_requests

MAX_CACHED = 4096
MAX_ROWS = 100
"""Of a kind on which `may_decide` is asked row by row; more of it are not counted."""
MAX_NAMED_ROWS = 10
"""Of a kind, in the inbox and the API; the rest is on the kind's own list."""


@dataclass(frozen=True)
class NamedRow:
    """`key` names it in the address of the inbox, `kind` says in words what it is, `is_english` that the text is in English. What is not known is empty or None; `subject` is that
    of a row of a kind of decision.
    """

    text: str
    url: str
    key: str = ""
    kind: str = ""
    person: str = ""
    person_id: int | None = None
    since: datetime | None = None
    due_at: datetime | None = None
    subject: str = ""
    assignee_id: int | None = None
    assignee: str = ""
    is_english: bool = False

    @property
    def initials(self) -> str:
        return get_initials(self.person)

    @property
    def assignee_initials(self) -> str:
        return get_initials(self.assignee)


@dataclass(frozen=True)
class OtherDecisions:
    """`text` says how many of what; `url` is the page of the only one, else of the list. `rows` are the first of them. `name` is that
    of the kind, `label` what one of it is.
    """

    count: int
    text: str
    url: str
    rows: tuple[NamedRow, ...] = ()
    name: str = ""
    label: str = ""


def _may_confirm_session(person: Person, session: BreakGlassSession) -> Verdict:
    return may_confirm_break_glass_session(person, session, clock.now())


def _may_review_ended_session(person: Person, session: BreakGlassSession) -> bool:
    return not getattr(session, "is_live", False) and bool(may_review_break_glass_session(person, session))


def _list_recreated_tables(person: Person) -> QuerySet[RecreatedTable]:
    """With what the decision is about, and not with who made it."""
    return (
        visible_recreated_tables(person).select_related("table__database__domain__owner_team").order_by("-pk")
    )


WORK = (
    WaitingRows(
        model=Problem,
        waits=Q(state__in=OPEN_PROBLEM_STATES),
        list_visible=list_problems,
        may_decide=may_acknowledge_problem,
        describe_count=lambda n: ngettext("%(n)d problem", "%(n)d problems", n),
        page="problem",
        listing="problems",
        label=gettext_lazy("problem"),
        person_field="reported_by",
        time_field="reported_at",
        get_due_at=lambda problem: problem.answer_due_at if problem.state == ProblemState.OPEN else None,
    ),
    WaitingRows(
        model=RecreatedTable,
        waits=Q(state=RecreatedTableState.OPEN),
        list_visible=_list_recreated_tables,
        may_decide=may_keep_recreated_table,
        describe_count=lambda n: ngettext(
            "%(n)d table that was created again", "%(n)d tables that were created again", n
        ),
        page="recreated-table",
        listing="recreated-tables",
        label=gettext_lazy("recreated table"),
        time_field="found_at",
    ),
    WaitingRows(
        model=Grant,
        waits=IS_FOR_REQUESTER,
        list_visible=list_stale_grants,
        may_decide=None,
        describe=lambda grant: _("%(name)s gives nothing any more") % {"name": grant.item.name},
        describe_count=lambda n: ngettext(
            "%(n)d grant that gives nothing any more", "%(n)d grants that give nothing any more", n
        ),
        page="grant-proof",
        listing="access",
        label=gettext_lazy("lost access"),
        is_for_anyone=True,
    ),
    WaitingRows(
        model=WriteRequest,
        waits=Q(state=DecisionState.APPROVED, ends_at__gt=Now()) & build_stale_filter("intent__"),
        list_visible=list_write_requests,
        may_decide=lambda person, row: may_request_write_access(person, row.domain),
        describe=lambda row: _("%(name)s can't be written any more") % {"name": row},
        describe_count=lambda n: ngettext(
            "%(n)d write access that gives nothing any more",
            "%(n)d times write access that gives nothing any more",
            n,
        ),
        page="write-request",
        listing="write-requests",
        label=gettext_lazy("lost write access"),
        person_field="requested_by",
        is_for_anyone=True,
    ),
    WaitingRows(
        model=Account,
        waits=HAS_STALE_MEMBERS,
        list_visible=list_administered_accounts,
        may_decide=is_account_admin,
        describe=lambda account: (
            _("Members of local groups of %(account)s lost their access") % {"account": account}
        ),
        describe_count=lambda n: ngettext(
            "%(n)d account with members of local groups that lost their access",
            "%(n)d accounts with members of local groups that lost their access",
            n,
        ),
        page="local-groups",
        argument="account_id",
        listing="accounts",
        label=gettext_lazy("local groups"),
        is_for_anyone=True,
    ),
    WaitingRows(
        model=Question,
        waits=Q(
            ~Exists(Answer.objects.filter(question=OuterRef("pk"), is_by_owner=True)),
            product__retired_at=None,
        ),
        list_visible=list_questions_for_owner,
        may_decide=None,
        describe_count=lambda n: ngettext(
            "%(n)d question without an answer of an owner", "%(n)d questions without an answer of an owner", n
        ),
        page="question",
        listing="reviews",
        label=gettext_lazy("question"),
        person_field="asked_by",
        time_field="asked_at",
        is_for_anyone=True,
    ),
    WaitingRows(
        model=Finding,
        waits=Q(state=FindingState.OPEN),
        list_visible=list_findings_for_stewards,
        may_decide=None,
        describe=None,
        describe_count=lambda n: ngettext("%(n)d classification finding", "%(n)d classification findings", n),
        listing="classification",
        is_for_anyone=True,
    ),
    WaitingRows(
        model=AccessReview,
        waits=Q(state=AccessReviewState.OPEN),
        list_visible=list_decidable_reviews,
        may_decide=None,
        describe_count=lambda n: ngettext("%(n)d access review", "%(n)d access reviews", n),
        page="access-review",
        listing="access-reviews",
        label=gettext_lazy("access review"),
        person_field="started_by",
        time_field="started_at",
        get_due_at=lambda review: review.due_at,
    ),
    WaitingRows(
        model=BreakGlassSession,
        waits=Q(state=BreakGlassState.REQUESTED, expires_at__gt=Now()),
        list_visible=list_sessions,
        may_decide=_may_confirm_session,
        describe=lambda session: _("Confirm break-glass in %(domain)s") % {"domain": session.consent.domain},
        describe_count=lambda n: ngettext(
            "%(n)d break-glass session to confirm", "%(n)d break-glass sessions to confirm", n
        ),
        page="break-glass-session",
        listing="break-glass",
        label=gettext_lazy("break-glass"),
        person_field="started_by",
        time_field="started_at",
        get_due_at=lambda session: session.expires_at,
        is_for_anyone=True,
    ),
    WaitingRows(
        model=BreakGlassSession,
        waits=Q(state=BreakGlassState.CONFIRMED),
        list_visible=list_sessions,
        may_decide=_may_review_ended_session,
        describe=lambda session: _("Review break-glass in %(domain)s") % {"domain": session.consent.domain},
        describe_count=lambda n: ngettext(
            "%(n)d break-glass session to review", "%(n)d break-glass sessions to review", n
        ),
        page="break-glass-session",
        listing="break-glass",
        label=gettext_lazy("break-glass"),
        person_field="started_by",
        time_field="started_at",
    ),
)
"""What waits for a person's work, and is no kind of decision of its own."""


def list_waiting_kinds() -> list[WaitingRows]:
    return [*iterate_kinds(), *WORK]


def count_decisions(person: Person) -> int:
    """All that waits for this person: what the inbox lists, and what it links to."""
    return count_waiting(person) + sum(decision.count for decision in list_other_decisions(person))


class _Key(NamedTuple):
    person: int
    language: str | None
    version: PageVersion


def clear_cache() -> None:
    """For tests, whose changes are rolled back."""
    _get_decisions.cache_clear()


@cache_per_request
def list_other_decisions(person: Person) -> list[OtherDecisions]:
    """One for each kind that waits. Until something is marked or a minute has passed, no query but that of the counts of the page."""
    return _get_decisions(_Key(person.pk, get_language(), get_page_counts(person).page_version), person)


@cached(LRUCache(MAX_CACHED), key=lambda key, _person: key, lock=Lock())
def _get_decisions(key: _Key, person: Person) -> list[OtherDecisions]:  # noqa: ARG001 - the cache reads it
    return read_other_decisions(person)


def read_other_decisions(person: Person) -> list[OtherDecisions]:
    """What `list_other_decisions` caches. One query, and one or two more for each kind of which anybody's waits."""
    decides = bool(get_team_ids_with_role(person, Membership.Role.DATA_OWNER)) or has_platform_role(
        person, PlatformRole.Role.GOVERNANCE_ADMIN
    )
    kinds = [kind for kind in list_waiting_kinds() if decides or kind.is_for_anyone]
    return _add_assignees(
        [decisions for kind in _filter_waiting_kinds(kinds) if (decisions := _count(kind, person))]
    )


def _count(kind: WaitingRows, person: Person) -> OtherDecisions | None:
    """None if nothing of the kind waits for the person."""
    rows = kind.list_visible(person).filter(kind.waits)
    found = list(rows[:MAX_ROWS])
    count = rows.count() if len(found) == MAX_ROWS else len(found)
    if kind.may_decide:
        found = [row for row in found if kind.may_decide(person, row)]
        count = len(found)
    if not found:
        return None
    text = kind.describe_count(count) % {"n": count}
    url = _build_url(kind, found[0]) if count == 1 else reverse(kind.listing)
    named = [_name_row(kind, row) for row in found[:MAX_NAMED_ROWS]] if kind.describe else ()
    name = getattr(kind, "name", kind.model.__name__.lower())
    return OtherDecisions(count, text, url, tuple(named), name, str(kind.label))


def _name_row(kind: WaitingRows, row: Any) -> NamedRow:
    assert kind.describe is not None
    person = getattr(row, kind.person_field) if kind.person_field else None
    since = getattr(row, kind.time_field) if kind.time_field else None
    # Where the kind has no time of its own: as data owners of the domain promise to decide.
    domain = kind.get_domain(row) if isinstance(kind, Kind) else None
    due_at = None
    if kind.get_due_at:
        due_at = kind.get_due_at(row)
    elif domain and since:
        due_at = compute_deadline(ItemState.SUBMITTED, since, domain.decide_within_hours)
    return NamedRow(
        text=kind.describe(row),
        is_english=kind.is_english,
        url=_build_url(kind, row),
        key=f"{type(row).__name__.lower()}-{row.pk}",
        kind=str(kind.label) or kind.describe_count(1) % {"n": 1},
        person=person.name if person else "",
        person_id=person.pk if person else None,
        since=since,
        due_at=due_at,
        subject=get_subject(row) if isinstance(row, Proposal) else "",
    )


def _add_assignees(decisions: Sequence[OtherDecisions]) -> list[OtherDecisions]:
    """One query where something can be assigned."""
    subjects = [row.subject for one in decisions for row in one.rows if row.subject]
    people = map_assignees(subjects) if subjects else {}

    def add(row: NamedRow) -> NamedRow:
        person = people.get(row.subject)
        return replace(row, assignee_id=person.pk, assignee=person.name) if person else row

    return [replace(one, rows=tuple(add(row) for row in one.rows)) for one in decisions]


def _build_url(kind: WaitingRows, row: Any) -> str:
    """Leads to the row's page, or to the list where rows have none."""
    return reverse(kind.page, args=[getattr(row, kind.argument)]) if kind.page else reverse(kind.listing)


def _filter_waiting_kinds(kinds: Sequence[WaitingRows]) -> list[WaitingRows]:
    """Returns the kinds of which a row waits for anybody. One query."""
    first, *others = (
        kind.model._default_manager.filter(kind.waits).order_by().values_list(Value(place))[:1]  # noqa: SLF001
        for place, kind in enumerate(kinds)
    )
    found = first.union(*others, all=True) if others else first
    return [kinds[place] for place in sorted(place for (place,) in found)]
