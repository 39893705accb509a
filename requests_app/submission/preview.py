"""Previews of a request before it is sent. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.products.offers.models import OfferVersion
from identity.accounts import Principal
from identity.people.models import Person
from kernel.errors import RefusedError
from kernel.queries import QueryCache
from requests_app.access_requests.details import RequestDetails
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.policies.evaluation import RuleCache, evaluate_item, store_verdict
from requests_app.policies.wording import describe_offer_approval, describe_outcome, list_refusals
from requests_app.policy_engine.facts import PolicyFacts
from requests_app.policy_engine.rules import NOTHING_REQUIRED, RequiredInformation
from requests_app.policy_engine.verdict import PolicyVerdict
from requests_app.review.auto_approval import find_approving_version, has_plain_effects
from requests_app.review.summary import serialize_for_people
from requests_app.submission.form_checks import ITEM_FIELDS
from requests_app.submission.many_tables import (
    build_many_tables_item,
    check_not_granted,
    check_not_refused,
    check_target_requestable,
)
from requests_app.submission.offer_checks import (
    check_no_violations,
    check_offer_published,
    get_offer_end,
    list_offer_violations,
)
from requests_app.targets.checks import (
    check_effects,
    check_principal,
    check_reachable,
    check_requested_item,
    compute_effects,
    hide_obstacle,
)
from requests_app.targets.deprecations import TableProducts, check_requestable, read_table_products
from requests_app.targets.many_tables import ManyTablesTarget
from requests_app.targets.recipients import check_local_group
from requests_app.targets.requested_item import CheckedItem, RequestedItem
from requests_app.targets.visible_targets import read_visible_targets


@dataclass(frozen=True)
class ItemPreview:
    """`outcome_text`: what becomes of the request by the published rules and its offer; that an offer's terms
    have to be accepted is not among it. `facts` are those on which the `verdict` rests; `item` is not saved. A rule
    approves automatically only where it `is_plain`; `is_immediate`: nobody is waited for.
    """

    outcome_text: str
    facts: PolicyFacts
    verdict: PolicyVerdict
    item: RequestItem
    is_plain: bool
    is_immediate: bool


@dataclass(frozen=True)
class RequestPreview:
    """`is_immediate`: nobody is waited for; `is_refused`: it would not be accepted; `needs_only_owner`: no
    rule requires anybody else's approval; `required_information`: what rules require with it.
    """

    text: str
    is_immediate: bool = False
    is_refused: bool = False
    needs_only_owner: bool = False
    required_information: RequiredInformation = NOTHING_REQUIRED

    @classmethod
    def from_item(cls, found: "ItemPreview") -> "RequestPreview":
        refused = bool(list_refusals(found.verdict.to_json()))
        verdict = found.verdict
        return cls(
            found.outcome_text,
            found.is_immediate,
            refused,
            verdict.needs_only_owner,
            verdict.required_information,
        )


@dataclass(frozen=True)
class RequestDraft:
    """Who would request, and what the request would say besides its items, as of `now`."""

    person: Person
    details: RequestDetails
    now: datetime

    @property
    def principal(self) -> Principal:
        return self.details.principal

    @property
    def ends_at(self) -> datetime:
        return self.details.ends_at

    @property
    def request(self) -> AccessRequest:
        """Not saved."""
        return self.details.build_request(self.person, self.now)


def preview_item(draft: RequestDraft, requested_item: RequestedItem) -> ItemPreview:
    """What would become of the request. RefusedError if it is invalid."""
    check_principal(draft.principal)
    checked = check_requested_item(read_visible_targets(draft.person, [requested_item]), requested_item)
    check_requestable(_read_products(draft, [requested_item]), checked, draft.ends_at)
    return _preview_item(draft, checked, draft.ends_at, QueryCache(), RuleCache())


def build_decidable_item(preview: ItemPreview) -> RequestItem:
    """The item with its verdict, not saved: by these it is found who would decide on it."""
    store_verdict(preview.item, preview.facts, preview.verdict, [])
    return preview.item


def preview_items(draft: RequestDraft, requested_items: Sequence[RequestedItem]) -> dict[int, RequestPreview]:
    """By table, of what lies in a basket; a refusal is among them. What several share is read once."""
    seen, readings, rulebook = read_visible_targets(draft.person, requested_items), QueryCache(), RuleCache()
    products = _read_products(draft, requested_items)
    found: dict[int, RequestPreview] = {}
    for ask in requested_items:
        try:
            check_principal(draft.principal)
            checked = check_requested_item(seen, ask)
            ends_at = get_offer_end(checked.offer, draft.ends_at, draft.now)
            check_requestable(products, checked, ends_at)
            found[ask.table_id] = RequestPreview.from_item(
                _preview_item(draft, checked, ends_at, readings, rulebook)
            )
        except RefusedError as refusal:
            found[ask.table_id] = RequestPreview(refusal.message, is_refused=True)
    return found


def preview_target_request(
    draft: RequestDraft, target: ManyTablesTarget, offer: OfferVersion | None, use: str
) -> list[RequestPreview]:
    """Previews its one item, or each of its tables. RefusedError if the one item is invalid, or the principal has it."""
    if target.is_listed_by_table:
        items = target.list_table_items(offer.pk if offer else None, use)
        return list(preview_items(draft, items).values())
    check_not_refused(target)
    check_not_granted(target, draft.principal, draft.ends_at)
    check_principal(draft.principal)
    check_target_requestable(target, draft.person, draft.details.team, draft.ends_at, draft.now)
    item = build_many_tables_item(draft.request, target, offer, use)
    return [RequestPreview.from_item(_evaluate(item, QueryCache(), RuleCache()))]


def _read_products(draft: RequestDraft, requested_items: Sequence[RequestedItem]) -> TableProducts:
    tables = [ask.table_id for ask in requested_items]
    return read_table_products(tables, draft.person, draft.details.team, draft.now)


def _preview_item(
    draft: RequestDraft,
    checked_item: CheckedItem,
    ends_at: datetime,
    readings: QueryCache,
    rule_cache: RuleCache,
) -> ItemPreview:
    check_local_group(draft.details.group, checked_item)
    if checked_item.offer:
        check_offer_published(checked_item.offer)
        check_no_violations(
            list_offer_violations(checked_item.offer, checked_item, ends_at, draft.now), checked_item.offer
        )
    request = draft.request
    item = RequestItem(
        request=request,
        requester=request.requester,
        **{name: getattr(checked_item, name) for name in ITEM_FIELDS},
        ends_at=ends_at,
    )
    return _evaluate(item, readings, rule_cache)


def _evaluate(item: RequestItem, readings: QueryCache, rule_cache: RuleCache) -> ItemPreview:
    check_reachable(item.request.principal, item.table.database.catalog)
    effects = compute_effects(item, readings)
    check_effects(hide_obstacle(item.request.current_requester, item, effects))
    facts, verdict = evaluate_item(item, effects, rule_cache)
    version = find_approving_version(item, effects, verdict)
    shown_verdict = verdict.to_json() if version else serialize_for_people(verdict)
    happens = (
        describe_offer_approval(version)
        if isinstance(version, OfferVersion)
        else describe_outcome(shown_verdict)
    )
    return ItemPreview(
        happens, facts, verdict, item, has_plain_effects(item, effects), is_immediate=version is not None
    )
