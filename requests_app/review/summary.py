"""What the review page shows: the requester, the effects of approving, who else may decide, the expected wait."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.postgres.aggregates import JSONBAgg
from django.db.models import Count, Func, JSONField, Q, QuerySet, Value
from django.utils.translation import gettext as _

from catalog.mirror.models import Column, Table
from catalog.products.models import Domain
from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedPermission
from identity.accounts import ConnectedCatalog
from identity.people.models import Membership, Person, Team
from kernel import clock
from kernel.errors import RefusedError
from lakeformation.access.access import Access
from lakeformation.access.table_access import TableAccess
from lakeformation.effects.call_preview import PlannedCall
from lakeformation.effects.quotas import (
    CROSS_ACCOUNT_GRANTS,
    FILTERS_PER_TABLE,
    MAX_SHARES_PER_ACCOUNT,
    RESOURCE_SHARES,
    TAG_VALUES,
    QuotaLevel,
    QuotaUsage,
    TagAdvice,
    suggest_tag,
)
from lakeformation.effects.table_effects import Effects
from lakeformation.values.column_sets import ColumnSet
from requests_app.access_requests.may import get_item_domain, may_be_decided
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.grants.coverage import find_extended_grant
from requests_app.grants.models import Grant
from requests_app.policies.evaluation import (
    describe_missing_information,
    evaluate_item,
    list_missing_labels,
    list_text_acceptances,
)
from requests_app.policies.models import RequiredTextAcceptance
from requests_app.policies.wording import (
    describe_offer_approval,
    describe_outcome,
    list_fired_rules,
    list_refusals,
)
from requests_app.policy_engine.rules import DeciderRole, RequiredInformation, find_missing_information
from requests_app.policy_engine.verdict import PolicyVerdict
from requests_app.review.decision_history import DecisionTime, get_decision_time
from requests_app.review.may import list_deciders
from requests_app.review.risk import Risk, build_risk_facts, compute_risk
from requests_app.review.terms import (
    NOT_NARROWED,
    NarrowedTerms,
    compute_approval_hash,
    copy_with_terms,
    narrow_terms,
)
from requests_app.targets.checks import check_effects, check_still_grantable, hide_obstacle
from requests_app.targets.single_tables import WholeTable

MAX_TAGS = 8
"""Tags that are looked at for advice."""


@dataclass(frozen=True)
class LimitCount:
    label: str
    count: QuotaUsage


@dataclass(frozen=True)
class AwsLimits:
    counts: tuple[LimitCount, ...]
    advice: TagAdvice | None

    @property
    def nearly_reached(self) -> tuple[LimitCount, ...]:
        """The counts that leave little room, or none."""
        return tuple(count for count in self.counts if count.count.level != QuotaLevel.ENOUGH)


@dataclass(frozen=True)
class GrantHolder:
    """`own`: database, table and filter of each grant in this catalog, of the principal that gets the access."""

    principal_arn: str
    grant_count: int
    own: tuple[tuple[str, str, str], ...]

    @property
    def account(self) -> str:
        arn = self.principal_arn
        return arn.split(":")[4] if arn.startswith("arn:") else arn


class JSONArray(Func):
    function = "jsonb_build_array"
    output_field = JSONField()


def compute_limits(item: RequestItem, access: Access) -> AwsLimits:
    """What agreeing to the item, which gives `access`, would count against, from rows alone. A handful of queries."""
    catalog = item.table.database.catalog
    counts = []
    if access.is_cross_account:
        holders = _read_cross_account_holders(access, catalog)
        grants = QuotaUsage(
            CROSS_ACCOUNT_GRANTS,
            sum(holder.grant_count for holder in holders),
            len(_list_cross_account_targets(access) - {one for row in holders for one in row.own}),
        )
        counts.append(LimitCount(_("grants to other accounts, by name"), grants))
        accounts = {holder.account for holder in holders}
        more = {access.consumer} - accounts
        shares = QuotaUsage(
            RESOURCE_SHARES, len(accounts) * MAX_SHARES_PER_ACCOUNT, len(more) * MAX_SHARES_PER_ACCOUNT
        )
        counts.append(LimitCount(_("RAM resource shares, at most"), shares))
    if isinstance(access, TableAccess) and access.cells_filter:
        rows = ObservedPermission.objects.filter(
            catalog=catalog, principal_arn=access.principal_arn, database=access.database, table=access.table
        ).exclude(cells_filter="")
        names = set(rows.values_list("cells_filter", flat=True))
        wanted = access.cells_filter
        filters = QuotaUsage(
            FILTERS_PER_TABLE, len(names), int(wanted is not None and wanted.name not in names)
        )
        counts.append(LimitCount(_("row filters of this role on this table"), filters))
    if access.tag_expression:
        # Of each key, the values that something of the catalog carries: others are known to AWS alone.
        live = Column.objects.filter(table__database__catalog=catalog, table__tombstoned_at=None)
        for key, asked in access.tag_expression.keys:
            carried = set(live.filter(tags__has_key=key).values_list(f"tags__{key}", flat=True).distinct())
            what = _("values of LF-Tag %(key)s in use") % {"key": key}
            counts.append(LimitCount(what, QuotaUsage(TAG_VALUES, len(carried | set(asked)), 0)))
    return AwsLimits(tuple(counts), _build_tag_advice(item, access, catalog))


def _list_cross_account_targets(access: Access) -> set[tuple[str, str, str]]:
    """Database, table and filter of what the access needs a grant on."""
    return {
        (one.database, one.table, one.cells_filter)
        for one, _columns in access.permissions
        if one.catalog == access.owner_catalog and not one.policy
    }


def _read_cross_account_holders(access: Access, catalog: ConnectedCatalog) -> list[GrantHolder]:
    """Who holds something across accounts. A grant is one principal on one database, table or filter, whatever its verbs."""
    named = Q(tagged="")
    own = named & Q(catalog=catalog, principal_arn=access.principal_arn)
    target = JSONArray("database", "table", "cells_filter")
    rows = _select_cross_account_rows(access, catalog).order_by().values("principal_arn")
    found = rows.annotate(
        grant_count=Count(
            JSONArray("catalog", "database", "table", "cells_filter"), filter=named, distinct=True
        ),
        own=JSONBAgg(target, filter=own, distinct=True, default=Value([], JSONField())),
    )
    return [
        GrantHolder(arn, count, tuple((database, table, cells) for database, table, cells in targets))
        for arn, count, targets in found.values_list("principal_arn", "grant_count", "own")
    ]


def _select_cross_account_rows(access: Access, catalog: ConnectedCatalog) -> QuerySet[ObservedPermission]:
    """Selects rows of the owner's account, in whichever region: what accounts hold, and what roles and users of others do."""
    held = ObservedPermission.objects.filter(catalog__account=catalog.account).exclude(
        principal_arn__contains=f":{access.owner}:"
    )
    return held.filter(principal_arn__startswith="arn:") | held.filter(principal_arn__regex=r"^\d{12}$")


def _build_tag_advice(item: RequestItem, access: Access, catalog: ConnectedCatalog) -> TagAdvice | None:
    """Only of tables that are given whole, this one among them: a tag would open all that carries it."""
    if item.target.fact != WholeTable.fact or item.row_filter or access.is_account_grant:
        return None
    live = Table.objects.filter(database__catalog=catalog, tombstoned_at=None, database__tombstoned_at=None)
    intents = Intent.objects.filter(
        kind=Intent.Kind.GRANT,
        ended_at=None,
        wanted__principal_arn=access.principal_arn,
        wanted__owner=access.owner,
        wanted__region=access.owner_catalog.region,
        wanted__columns=ColumnSet.every().to_json(),
    )
    found = [intent.access for intent in intents]
    names = {one.target for one in found if one.opens_data and not one.cells.rows}
    names.add((item.table.database.name, item.table.name))
    rows = live.filter(name__in={name for _database, name in names}).select_related("database")
    whole_tables = [row for row in rows if (row.database.name, row.name) in names]
    tags = [table.tags for table in whole_tables]
    pairs = sorted({pair for tag in tags for pair in tag.items()})[:MAX_TAGS]
    carried = {(key, value): live.filter(tags__contains={key: value}).count() for key, value in pairs}
    return suggest_tag(tags, carried)


@dataclass(frozen=True)
class RequiredApprovalRow:
    """`approvers` are those who approved these effects in this role; `is_turn`, whether others do next."""

    role: str
    quorum: int
    approvers: tuple[Person, ...]
    is_turn: bool

    @property
    def is_met(self) -> bool:
        return len(self.approvers) >= self.quorum


@dataclass(frozen=True)
class AnswerRow:
    """What a rule wanted to be said, under its label."""

    label: str
    answer: str


@dataclass(frozen=True)
class PolicySummary:
    """`policy_hash` binds a decision to what is shown; `refusals` say why nobody can agree just now.
    `answers` and `text_acceptances` are what rules required and the requester gave.
    """

    policy_hash: str
    outcome_text: str
    fired_rules: tuple[str, ...]
    refusals: tuple[str, ...]
    needs: tuple[RequiredApprovalRow, ...]
    answers: tuple[AnswerRow, ...] = ()
    text_acceptances: tuple[RequiredTextAcceptance, ...] = ()


def build_policy_summary(item: RequestItem, effects: Effects, *, is_waiting: bool) -> PolicySummary:
    """By the published rules while it waits, else as they were when it was decided. Two queries while it waits, and one
    where there is a text to accept.
    """
    if not is_waiting:
        return _build_summary("", item.verdict, item, effects)
    _facts, verdict = evaluate_item(item, effects)
    return _build_summary(verdict.digest(), serialize_for_people(verdict), item, effects)


def serialize_for_people(verdict: PolicyVerdict) -> dict[str, Any]:
    """As JSON. What no rule approved when it was submitted, people decide, whatever a rule would say now."""
    data = verdict.to_json()
    return {**data, "outcome": "needs_review"} if data["outcome"] == "automatic" else data


def _build_summary(
    policy_hash: str, verdict: Mapping[str, Any], item: RequestItem, effects: Effects
) -> PolicySummary:
    if not verdict:
        return PolicySummary(policy_hash, "", (), (), ())
    needs = tuple(_build_approval_row(need, item, effects) for need in verdict["needs"])
    if item.offer and any(decision.by_offer_id == item.offer_id for decision in item.decisions.all()):
        outcome_text = describe_offer_approval(item.offer)
    else:
        outcome_text = describe_outcome(verdict)
    happens, fired = outcome_text, tuple(list_fired_rules(verdict))
    demands = RequiredInformation.from_verdict(verdict)
    accepted = list_text_acceptances(item.request.current_requester, demands)
    lacks = list_missing_labels(
        demands, find_missing_information(demands, item.answers, {one.digest for one in accepted})
    )
    why = (*list_refusals(verdict), *([describe_missing_information(lacks)] if lacks and policy_hash else []))
    # Also what was demanded when it was asked, and is no longer: under its name.
    labels = {field.name: field.label for field in demands.fields}
    answers = tuple(
        AnswerRow(labels.get(name, name), answer) for name, answer in sorted(item.answers.items())
    )
    return PolicySummary(policy_hash, happens, fired, why, needs, answers, accepted)


def _build_approval_row(need: Mapping[str, Any], item: RequestItem, effects: Effects) -> RequiredApprovalRow:
    shown = effects.digest()
    said = tuple(
        decision.decided_by
        for decision in item.decisions.all()
        if (decision.answer, decision.role, decision.effects_hash)
        == (Decision.Answer.APPROVE, need["role"], shown)
        and (decision.ends_at is None or decision.ends_at >= item.ends_at)
    )
    return RequiredApprovalRow(
        DeciderRole(need["role"]).value, need["quorum"], said, need["role"] in item.waits_for
    )


@dataclass(frozen=True)
class Review:
    """Ready for a page.

    `effects` and `calls` are those of an approval now, also when the item is decided; `effects_hash` is the
    `compute_approval_hash` that it has to name. `approved` is what was agreed to (the intent's effects), None before.
    `obstacle` says why nobody can approve just now, or is empty.
    """

    item: RequestItem
    effects: Effects
    calls: tuple[PlannedCall, ...]
    effects_hash: str
    approved: dict[str, Any] | None
    is_waiting: bool
    obstacle: str
    deciders: tuple[Person, ...]
    decisions: tuple[Decision, ...]
    expected_wait: DecisionTime | None
    extends: Grant | None
    policy_summary: PolicySummary

    @cached_property
    def risk(self) -> Risk:
        return compute_risk(build_risk_facts(self.item, self.effects))


def build_review(
    original_item: RequestItem,
    viewer: Person,
    narrowed: NarrowedTerms = NOT_NARROWED,
    now: datetime | None = None,
) -> Review:
    """The review of an item from `get_item_for_review`, or of what `narrowed` leaves of it. RefusedError when that is wider."""
    now = now or clock.now()
    item = copy_with_terms(original_item, narrow_terms(original_item, narrowed, now))
    domain = get_item_domain(item)
    found = item.target.preview()
    effects = hide_obstacle(viewer, item, found.effects)
    deciders = tuple(list_deciders(item))
    is_waiting = item.state == ItemState.SUBMITTED
    grant = getattr(item, "grant", None)
    rules = build_policy_summary(item, effects, is_waiting=is_waiting)
    return Review(
        item=item,
        effects=effects,
        calls=found.plan_calls(),
        effects_hash=compute_approval_hash(original_item, found.effects, narrowed),
        approved=grant.intent.effects if grant else None,
        is_waiting=is_waiting,
        obstacle=_find_obstacle(item, effects, rules, deciders, now) if is_waiting else "",
        deciders=deciders,
        decisions=tuple(item.decisions.all()),
        expected_wait=get_decision_time(domain.owner_team_id if domain else None),
        extends=find_extended_grant(item) if is_waiting else None,
        policy_summary=rules,
    )


def _find_obstacle(
    item: RequestItem, effects: Effects, rules: PolicySummary, deciders: Sequence[Person], now: datetime
) -> str:
    try:
        check_still_grantable(item, now)
        check_effects(effects)
    except RefusedError as refusal:
        return refusal.message
    if not (verdict := may_be_decided(item)):
        return verdict.reason
    if rules.refusals:
        return " ".join(rules.refusals)
    if deciders and len(item.waits_for or item.needed_from) == 1:
        return ""
    return explain_missing_deciders(item)


def explain_missing_deciders(item: RequestItem) -> str:
    """Explains which of the roles that have to approve a waiting item next need somebody. Empty if none."""
    if item.state != ItemState.SUBMITTED or not item.request.current_requester.is_active:
        return ""
    missing = [role for role in item.waits_for or item.needed_from if not _has_decider(item, role)]
    if not missing:
        return ""
    if DeciderRole.OWNER not in missing:
        return _("Nobody has the role that a policy requires here. A governance admin can appoint someone.")
    return explain_missing_owners(get_item_domain(item))


def explain_missing_owners(domain: Domain | None) -> str:
    """Explains that what waits for a data owner of the domain has none who may decide."""
    if domain is not None and is_without_owner(domain.owner_team):
        return _(
            "Nobody can decide this: %(team)s has no active data owner. A governance admin has to appoint one."
        ) % {"team": domain.owner_team.name}
    return _(
        "Nobody can decide this now: whoever could has asked for it, belongs to the requesting team, or is barred by a role change. A governance admin can appoint somebody else."
    )


def is_without_owner(team: Team) -> bool:
    """Whether no active person is its data owner."""
    owners = Membership.objects.filter(team=team, role=Membership.Role.DATA_OWNER)
    return not owners.filter(person__is_active=True).exists()


def _has_decider(item: RequestItem, role: str) -> bool:
    alone = copy.copy(item)
    alone.waits_for = [role]
    return list_deciders(alone).exists()
