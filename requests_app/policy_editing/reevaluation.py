"""Evaluates waiting items again when other policies come into force."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.products.models import Domain
from identity.people.models import Person
from requests_app.access_requests.events import record_by_person
from requests_app.access_requests.may import get_item_domain
from requests_app.access_requests.models import Decision, Item, Remark
from requests_app.access_requests.queries import ITEM_RELATED_FIELDS
from requests_app.access_requests.states import OPEN_ITEM_STATES, ItemState, check_item_transition
from requests_app.break_glass.models import BreakGlass
from requests_app.policies.demands import demands_of, lacking_on, named
from requests_app.policies.evaluation import KEPT, all_rules, keep_verdict, versions_in_force
from requests_app.policy_engine.facts import Facts
from requests_app.policy_engine.quorum import Yes
from requests_app.policy_engine.rules import Role, Rule
from requests_app.policy_engine.verdict import judge
from requests_app.review.decisions import move_item

AT_ONCE = 500


def rejudge_waiting(domain: Domain | None, person: Person, now: datetime) -> int:
    """Write on each item that waits what the rules in force say to it, and whose turn it is now. Nothing is decided:
    a rule says yes at once, or not at all. What lacks an answer that they demand goes back to who asked, on the
    word of `person`, who put them in force. Returns how many were looked at.
    """
    waiting = Item.objects.filter(state__in=OPEN_ITEM_STATES).exclude(facts={})
    if domain is not None:
        waiting = waiting.filter(
            Q(table__database__domain=domain) | Q(table__database__domain=None, product__domain=domain)
        )
    rules: dict[int | None, tuple[Rule, ...]] = {}
    items = list(waiting.select_related(*ITEM_RELATED_FIELDS).select_for_update(of=("self",)).order_by("pk"))
    said = _said(items)
    for item in items:
        its = get_item_domain(item)
        key = its.pk if its else None
        if key not in rules:
            rules[key] = all_rules(versions_in_force(its))
        facts = Facts.from_json(item.facts)
        keep_verdict(item, facts, judge(rules[key], facts), said[item.pk])
    Item.objects.bulk_update(items, KEPT, batch_size=AT_ONCE)
    for item in items:
        if item.state == ItemState.SUBMITTED and demands_of(item):
            _send_back(item, person, now)
    return len(items)


def _send_back(item: Item, person: Person, now: datetime) -> None:
    """Unless all is said, or it is break-glass: whoever takes that is not held up by a form."""
    demands = demands_of(item)
    what = named(demands, lacking_on(item, demands))
    if not what or BreakGlass.objects.filter(request=item.request_id).exists():
        return
    words = _("A rule that is in force by now demands: %(what)s.") % {"what": what}
    data = {"demands": demands.to_json()}
    event = record_by_person("return_item", person, f"item:{item.pk}", data, now)
    Remark.objects.create(
        item=item, author=person, said_at=now, kind=Remark.Kind.RETURN, text=words, key=f"rules-{event.pk}", event=event
    )  # fmt: skip
    move_item(item, check_item_transition(ItemState(item.state), ItemState.RETURNED), now)


def _said(items: Sequence[Item]) -> defaultdict[int, list[Yes]]:
    """By item, who agreed to what it waits with. One query."""
    hashes = {item.pk: (item.agreed_hash, item.ends_at) for item in items if item.agreed_hash}
    found: defaultdict[int, list[Yes]] = defaultdict(list)
    for one in Decision.objects.filter(item__in=hashes, answer=Decision.Answer.APPROVE):
        effects_hash, ends_at = hashes[one.item_id]
        if one.effects_hash == effects_hash and (one.ends_at is None or one.ends_at >= ends_at):
            found[one.item_id].append(Yes(one.on_behalf_of_id or one.decided_by_id, Role(one.role)))
    return found
