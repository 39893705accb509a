"""What waits for a person besides access requests: registrations, schema updates, write access, tag changes, problems,
derived data products, tables that were created again, grants that give nothing any more, role changes, proposals for the
glossary, classification findings, access reviews and break-glass sessions. Badge, home page, inbox and API count them alike.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple

from cachetools import LRUCache, cached
from django.db.models import Model, Q, QuerySet, Value
from django.urls import reverse
from django.utils.translation import get_language, ngettext

from catalog.change_versions import PageVersion
from catalog.classification.models import Finding
from catalog.classification.queries import list_findings_for_stewards
from catalog.classification.states import FindingState
from catalog.derivation.may import may_decide_derivation
from catalog.derivation.models import DerivationRequest
from catalog.derivation.queries import list_requests as list_derivation_requests
from catalog.derivation.states import DerivationState
from catalog.glossary.may import may_approve_term_proposal
from catalog.glossary.models import TermProposal
from catalog.glossary.proposals import list_waiting_term_proposals
from catalog.glossary.states import ProposalState
from catalog.problems.may import may_acknowledge_problem
from catalog.problems.models import Problem
from catalog.problems.queries import list_problems
from catalog.problems.states import OPEN_PROBLEM_STATES
from catalog.registrations.may import may_approve_registration, may_except_registration
from catalog.registrations.models import Registration
from catalog.registrations.queries import list_registrations
from catalog.registrations.schema_updates.may import may_approve_schema_update
from catalog.registrations.schema_updates.models import SchemaUpdate
from catalog.registrations.schema_updates.queries import list_schema_updates
from catalog.registrations.schema_updates.states import SchemaUpdateState
from catalog.registrations.states import RegistrationState
from catalog.tag_changes.may import list_approvable_teams
from catalog.tag_changes.models import TagChange
from catalog.tag_changes.queries import list_tag_changes
from catalog.tag_changes.states import TagChangeState
from fulfilment.intents.queries import build_stale_filter
from identity.accounts.models import Account
from identity.people.may import get_team_ids_with_role, has_platform_role
from identity.people.models import Membership, Person, PlatformRole
from identity.people.request_cache import cache_per_request
from identity.role_changes.may import is_governor, may_confirm_role_change
from identity.role_changes.models import RoleChange
from identity.role_changes.queries import list_role_changes
from identity.role_changes.states import RoleChangeState
from kernel import clock
from kernel.clock import Now
from kernel.verdicts import Verdict
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
from requests_app.recreated_tables.may import may_keep_recreated_table
from requests_app.recreated_tables.models import RecreatedTable
from requests_app.recreated_tables.queries import list_recreated_tables
from requests_app.recreated_tables.states import RecreatedTableState
from requests_app.review.inbox.counts import count_waiting
from requests_app.write_access.may import may_approve_write_request, may_request_write_access
from requests_app.write_access.models import WriteRequest
from requests_app.write_access.queries import list_write_requests
from requests_app.write_access.states import WriteRequestState

MAX_CACHED = 4096
MAX_ROWS = 100
"""Of a kind on which `may_decide` is asked row by row; more of it are not counted."""


@dataclass(frozen=True)
class OtherDecisions:
    """`text` says how many of what; `url` is the page of the only one, else of the list."""

    count: int
    text: str
    url: str


@dataclass(frozen=True)
class _Kind:
    """`waits` selects the rows that wait for anybody. `page` and `listing` are names of addresses. `is_for_anyone`: also for those
    who decide on nothing. Without `may_decide`, `list_rows` are those that the person decides on, and all of them count. Without `has_pages` the only one is on the list. `argument` is the field that names a row in the address of its page.
    """

    model: type[Model]
    waits: Q
    list_rows: Callable[[Person], QuerySet[Any]]
    may_decide: Callable[[Person, Any], object] | None
    describe: Callable[[int], str]
    page: str
    listing: str
    is_for_anyone: bool = False
    argument: str = "pk"
    has_pages: bool = True

    def count(self, person: Person) -> Iterator[OtherDecisions]:
        """Nothing if none waits for the person."""
        rows = self.list_rows(person).filter(self.waits)
        found = list(rows[:MAX_ROWS])
        count = rows.count() if len(found) == MAX_ROWS else len(found)
        if self.may_decide:
            found = [one for one in found if self.may_decide(person, one)]
            count = len(found)
        if found:
            url = (
                reverse(self.page, args=[getattr(found[0], self.argument)])
                if count == 1 and self.has_pages
                else reverse(self.listing)
            )
            yield OtherDecisions(count, self.describe(count) % {"n": count}, url)


def _may_decide_registration(person: Person, row: Registration) -> object:
    may_decide = may_except_registration if row.awaits_exception else may_approve_registration
    return may_decide(person, row)


def _list_tag_changes(person: Person) -> QuerySet[TagChange]:
    return list_tag_changes(person).prefetch_related("approvals")


def _may_decide_tag_change(person: Person, change: TagChange) -> bool:
    approvals = [one for one in change.approvals.all() if one.effects_hash == change.effects_hash]
    return not {one.team_id for one in approvals}.issuperset(list_approvable_teams(person, change))


def _list_role_changes(person: Person) -> QuerySet[RoleChange]:
    return list_role_changes(person) if is_governor(person) else RoleChange.objects.none()


def _may_confirm_session(person: Person, session: BreakGlassSession) -> Verdict:
    return may_confirm_break_glass_session(person, session, clock.now())


def _may_review_ended_session(person: Person, session: BreakGlassSession) -> bool:
    return not getattr(session, "is_live", False) and bool(may_review_break_glass_session(person, session))


KINDS = (
    _Kind(
        Registration, Q(state=RegistrationState.REQUESTED), list_registrations, _may_decide_registration,
        lambda n: ngettext("%(n)d registration", "%(n)d registrations", n), "registration", "registrations",
    ),
    _Kind(
        SchemaUpdate, Q(state=SchemaUpdateState.PROPOSED, registration__state=RegistrationState.APPROVED),
        list_schema_updates, may_approve_schema_update,
        lambda n: ngettext("%(n)d schema update", "%(n)d schema updates", n), "schema-update", "registrations",
    ),
    _Kind(
        WriteRequest, Q(state=WriteRequestState.REQUESTED), list_write_requests, may_approve_write_request,
        lambda n: ngettext("%(n)d write request", "%(n)d write requests", n), "write-request", "write-requests",
    ),
    _Kind(
        TagChange, Q(state=TagChangeState.PENDING), _list_tag_changes, _may_decide_tag_change,
        lambda n: ngettext("%(n)d tag change", "%(n)d tag changes", n), "tag-change", "tags",
    ),
    _Kind(
        Problem, Q(state__in=OPEN_PROBLEM_STATES), list_problems, may_acknowledge_problem,
        lambda n: ngettext("%(n)d problem", "%(n)d problems", n), "problem", "problems",
    ),
    _Kind(
        DerivationRequest, Q(state=DerivationState.WAITING), list_derivation_requests, may_decide_derivation,
        lambda n: ngettext("%(n)d derivation request", "%(n)d derivation requests", n), "derivation-request",
        "derivation-requests",
    ),
    _Kind(
        RecreatedTable, Q(state=RecreatedTableState.OPEN), list_recreated_tables, may_keep_recreated_table,
        lambda n: ngettext("%(n)d table that was created again", "%(n)d tables that were created again", n), "recreated-table",
        "recreated-tables",
    ),
    _Kind(
        Grant, IS_FOR_REQUESTER, list_stale_grants, None,
        lambda n: ngettext("%(n)d grant that gives nothing any more", "%(n)d grants that give nothing any more", n), "grant-proof",
        "access", is_for_anyone=True,
    ),
    _Kind(
        WriteRequest, Q(state=WriteRequestState.APPROVED, ends_at__gt=Now()) & build_stale_filter("intent__"), list_write_requests,
        lambda person, row: may_request_write_access(person, row.domain),
        lambda n: ngettext("%(n)d write access that gives nothing any more", "%(n)d times write access that gives nothing any more", n),
        "write-request", "write-requests", is_for_anyone=True,
    ),
    _Kind(
        Account, HAS_STALE_MEMBERS, list_administered_accounts, is_account_admin,
        lambda n: ngettext("%(n)d account with members of local groups that lost their access", "%(n)d accounts with members of local groups that lost their access", n),
        "local-groups", "accounts", is_for_anyone=True, argument="account_id",
    ),
    _Kind(
        RoleChange, Q(state=RoleChangeState.WAITING, expires_at__gt=Now()), _list_role_changes, may_confirm_role_change,
        lambda n: ngettext("%(n)d role change", "%(n)d role changes", n), "", "role-changes", is_for_anyone=True, has_pages=False,
    ),
    _Kind(
        TermProposal, Q(state=ProposalState.WAITING), list_waiting_term_proposals, may_approve_term_proposal,
        lambda n: ngettext("%(n)d glossary proposal", "%(n)d glossary proposals", n), "glossary-proposal", "glossary-proposals",
        is_for_anyone=True,
    ),
    _Kind(
        Finding, Q(state=FindingState.OPEN), list_findings_for_stewards, None,
        lambda n: ngettext("%(n)d classification finding", "%(n)d classification findings", n), "", "classification",
        is_for_anyone=True, has_pages=False,
    ),
    _Kind(
        AccessReview, Q(state=AccessReviewState.OPEN), list_decidable_reviews, None,
        lambda n: ngettext("%(n)d access review", "%(n)d access reviews", n), "access-review", "access-reviews",
    ),
    _Kind(
        BreakGlassSession, Q(state=BreakGlassState.REQUESTED, expires_at__gt=Now()), list_sessions, _may_confirm_session,
        lambda n: ngettext("%(n)d break-glass session to confirm", "%(n)d break-glass sessions to confirm", n), "break-glass-session",
        "break-glass", is_for_anyone=True,
    ),
    _Kind(
        BreakGlassSession, Q(state=BreakGlassState.CONFIRMED), list_sessions, _may_review_ended_session,
        lambda n: ngettext("%(n)d break-glass session to review", "%(n)d break-glass sessions to review", n), "break-glass-session",
        "break-glass",
    ),
)  # fmt: skip


def count_decisions(person: Person) -> int:
    """All that waits for this person: what the inbox lists, and what it links to."""
    return count_waiting(person) + sum(one.count for one in list_other_decisions(person))


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
    kinds = [kind for kind in KINDS if decides or kind.is_for_anyone]
    return [one for kind in _filter_waiting_kinds(kinds) for one in kind.count(person)]


def _filter_waiting_kinds(kinds: Sequence[_Kind]) -> list[_Kind]:
    """Those of which a row waits for anybody. One query."""
    first, *others = (
        kind.model._default_manager.filter(kind.waits).order_by().values_list(Value(place))[:1]  # noqa: SLF001
        for place, kind in enumerate(kinds)
    )
    found = first.union(*others, all=True) if others else first
    return [kinds[place] for place in sorted(place for (place,) in found)]
