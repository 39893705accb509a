"""Evaluates waiting items again when other policies come into force."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.products.models import Domain
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.stored_text import builds_stored_text
from requests_app.access_requests.item_states import save_item_state
from requests_app.access_requests.models import Comment, Decision, RequestItem
from requests_app.access_requests.queries import ITEM_RELATED_FIELDS
from requests_app.access_requests.states import ITEM_TRANSITIONS, OPEN_ITEM_STATES, ItemState
from requests_app.break_glass.models import BreakGlassSession
from requests_app.policies.evaluation import (
    VERDICT_FIELDS,
    RuleCache,
    store_verdict,
)
from requests_app.policies.required_information import (
    find_missing_on_item,
    get_required_information,
    list_missing_labels,
)
from requests_app.policy_engine.facts import PolicyFacts
from requests_app.policy_engine.quorum import RoleApproval
from requests_app.policy_engine.required_information import RequiredInformation
from requests_app.policy_engine.rules import DeciderRole
from requests_app.policy_engine.verdict import evaluate_rules

BATCH_SIZE = 500


def reevaluate_waiting(domain: Domain | None, person: Person, now: datetime) -> int:
    """Store on each item that waits the verdict of the published rules and whose turn it is. Nothing is decided:
    rules approve only at submission. Items without required information are returned to the requester in the name
    of `person`, who published the rules. Returns how many were evaluated.
    """
    waiting = RequestItem.objects.filter(state__in=OPEN_ITEM_STATES).exclude(facts={})
    if domain is not None:
        waiting = waiting.filter(
            Q(table__database__domain=domain) | Q(table__database__domain=None, product__domain=domain)
        )
    items = list(waiting.select_related(*ITEM_RELATED_FIELDS).select_for_update(of=("self",)).order_by("pk"))
    approvals, rule_cache = _list_approvals(items), RuleCache()
    for item in items:
        facts = PolicyFacts.from_json(item.facts)
        store_verdict(item, facts, evaluate_rules(rule_cache.get_rules(item), facts), approvals[item.pk])
    RequestItem.objects.bulk_update(items, VERDICT_FIELDS, batch_size=BATCH_SIZE)
    for item in items:
        if item.state == ItemState.SUBMITTED and get_required_information(item):
            _return_item(item, person, now)
    return len(items)


def _return_item(item: RequestItem, person: Person, now: datetime) -> None:
    """Unless all is said, or it is break-glass: whoever takes that is not held up by a form."""
    demands = get_required_information(item)
    text = _describe_missing(item, demands)
    if not text or BreakGlassSession.objects.filter(request=item.request_id).exists():
        return
    data = {"required_information": demands.to_json()}
    event = record_by_person("request_changes", person, f"item:{item.pk}", data, now)
    Comment.objects.create(
        item=item, author=person, posted_at=now, kind=Comment.Kind.RETURN, text=text, key=f"rules-{event.pk}", event=event
    )  # fmt: skip
    save_item_state(item, ITEM_TRANSITIONS.check(item.state, ItemState.RETURNED), now)


def _list_approvals(items: Sequence[RequestItem]) -> defaultdict[int, list[RoleApproval]]:
    """By item, who agreed to what it waits with. One query."""
    hashes = {item.pk: (item.agreed_hash, item.ends_at) for item in items if item.agreed_hash}
    found: defaultdict[int, list[RoleApproval]] = defaultdict(list)
    for one in Decision.objects.filter(item__in=hashes, answer=Decision.Answer.APPROVE):
        effects_hash, ends_at = hashes[one.item_id]
        if one.effects_hash == effects_hash and (one.ends_at is None or one.ends_at >= ends_at):
            found[one.item_id].append(
                RoleApproval(one.on_behalf_of_id or one.decided_by_id, DeciderRole(one.role))
            )
    return found


@builds_stored_text
def _describe_missing(item: RequestItem, demands: RequiredInformation) -> str:
    """Empty if nothing is missing."""
    what = list_missing_labels(demands, find_missing_on_item(item, demands))
    return _("A newly published policy requires: %(what)s.") % {"what": what} if what else ""
