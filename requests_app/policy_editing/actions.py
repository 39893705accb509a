"""Draft, publish and retire policy versions. Each action is one transaction: authorise, lock, write, record."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.products.models import Domain
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.text import builds_stored_text
from requests_app.access_requests.input_checks import check_text
from requests_app.access_requests.locks import save_item_state
from requests_app.access_requests.models import Comment, Decision, RequestItem
from requests_app.access_requests.queries import ITEM_RELATED_FIELDS
from requests_app.access_requests.states import ITEM_TRANSITIONS, OPEN_ITEM_STATES, ItemState
from requests_app.break_glass.models import BreakGlassSession
from requests_app.policies.evaluation import (
    VERDICT_FIELDS,
    RuleCache,
    find_missing_on_item,
    get_required_information,
    list_missing_labels,
    lock_policies,
    store_verdict,
)
from requests_app.policies.models import PolicyVersion
from requests_app.policies.states import POLICY_TRANSITIONS, PolicyState
from requests_app.policy_editing.may import (
    may_draft_policy,
    may_publish_policy,
    may_retire_policy,
    may_view_policy,
)
from requests_app.policy_engine.facts import PolicyFacts
from requests_app.policy_engine.parsing import UnreadableRuleError, parse_rules, serialize_rules
from requests_app.policy_engine.rules import DeciderRole, RequiredInformation
from requests_app.policy_engine.verdict import RoleApproval, evaluate_rules

BATCH_SIZE = 500
MIN_NOTE_LENGTH = 10


@transaction.atomic(durable=True)
def draft_policy(
    *,
    acting_user: Person,
    domain: Domain | None,
    rules: Any,
    note: str,
    now: datetime,
    based_on: int | None = None,
) -> PolicyVersion:
    """A draft with these rules (plain data, see `requests_app.policy_engine.parsing`), in place of an earlier draft. The
    existing draft if it says the same. `based_on` is the id of the newest version that its writer saw.

    Raises ForbiddenError, RefusedError at `rules` that cannot be read or are published already, `note` too short, or
    `based_on` when a newer version came since.
    """
    require_allowed(may_draft_policy(acting_user, domain))
    lock_policies(shared=False)
    data = _parse_rules(rules, domain)
    _check_sentence(note, "note", _("Say in one sentence what changes, and why."))
    standing = PolicyVersion.objects.filter(domain=domain)
    before = standing.filter(state=PolicyState.DRAFT).first()
    if before is not None and (before.rules, before.note) == (data, note.strip()):
        return before
    newest = standing.select_related("written_by").order_by("-number").first()
    if based_on is not None and newest is not None and newest.pk != based_on:
        words = {"number": newest.number, "name": newest.written_by.name}
        message = _(
            "%(name)s saved version %(number)s while you were editing. Your text is still below: send it again to save it as the next version."
        )
        raise RefusedError(message % words, "based_on")
    if standing.filter(state=PolicyState.PUBLISHED, rules=data).exists():
        raise RefusedError(_("This is the same as the published policy. Change something."), "rules")
    if before is not None:
        _retire_version(before, acting_user, now)
    number = standing.count() + 1
    event = record_by_person(
        "draft_policy", acting_user, _build_subject(domain), {"number": number, "rules": data}, now
    )
    return PolicyVersion.objects.create(
        domain=domain,
        number=number,
        rules=data,
        note=note.strip(),
        written_by=acting_user,
        written_at=now,
        event=event,
    )


@transaction.atomic(durable=True)
def publish_policy(*, acting_user: Person, version_id: int, now: datetime) -> PolicyVersion:
    """From now on requests are evaluated by this version, those that wait, too; the one before is retired.
    What waits without information that the version requires is returned to the requester.

    Raises NotFoundError, ForbiddenError, IllegalTransitionError for one that is no draft any more.
    """
    lock_policies(shared=False)
    version = _get_version(acting_user, version_id)
    require_allowed(may_publish_policy(acting_user, version.domain))
    version.state = POLICY_TRANSITIONS.check(version.state, PolicyState.PUBLISHED)
    for before in PolicyVersion.objects.filter(domain=version.domain, state=PolicyState.PUBLISHED):
        _retire_version(before, acting_user, now)
    version.published_by, version.published_at = acting_user, now
    version.save(update_fields=["state", "published_by", "published_at"])
    judged = _reevaluate_waiting(version.domain, acting_user, now)
    record_by_person(
        "publish_policy",
        acting_user,
        _build_subject(version.domain),
        {"policy": version.pk, "judged": judged},
        now,
    )
    return version


@transaction.atomic(durable=True)
def retire_policy(*, acting_user: Person, version_id: int, now: datetime, reason: str = "") -> PolicyVersion:
    """Retire a version, with a reason, or drop a draft. Its decisions remain.

    Raises NotFoundError, ForbiddenError, IllegalTransitionError for one that is retired, RefusedError without a reason.
    """
    lock_policies(shared=False)
    version = _get_version(acting_user, version_id)
    require_allowed(may_retire_policy(acting_user, version.domain))
    was_published = version.state == PolicyState.PUBLISHED
    if was_published:
        _check_sentence(reason, "reason", _("Say in one sentence why you retire this policy."))
    _retire_version(version, acting_user, now, reason.strip())
    judged = _reevaluate_waiting(version.domain, acting_user, now) if was_published else 0
    data = {"policy": version.pk, "judged": judged, "reason": version.retire_reason}
    record_by_person("retire_policy", acting_user, _build_subject(version.domain), data, now)
    return version


def _get_version(person: Person, pk: int) -> PolicyVersion:
    policy_version = PolicyVersion.objects.select_related("domain__owner_team").filter(pk=pk).first()
    if policy_version is None or not may_view_policy(person, policy_version.domain):
        raise NotFoundError
    return policy_version


def _parse_rules(rules: Any, domain: Domain | None) -> list[dict[str, Any]]:
    try:
        return serialize_rules(parse_rules(rules, domain=domain.slug if domain else ""))
    except UnreadableRuleError as error:
        raise RefusedError(str(error), "rules") from error


def _check_sentence(text: str, field: str, wanted: str) -> None:
    if len(text.strip()) < MIN_NOTE_LENGTH:
        raise RefusedError(wanted, field)
    check_text(text, field)


def _retire_version(version: PolicyVersion, person: Person, now: datetime, reason: str = "") -> None:
    version.state = POLICY_TRANSITIONS.check(version.state, PolicyState.RETIRED)
    version.retired_by, version.retired_at, version.retire_reason = person, now, reason
    version.save(update_fields=["state", "retired_by", "retired_at", "retire_reason"])


def _build_subject(domain: Domain | None) -> str:
    return f"domain:{domain.pk}" if domain else "policies"


def _reevaluate_waiting(domain: Domain | None, person: Person, now: datetime) -> int:
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
    hashes = {item.pk: (item.agreed_hash, item.ends_at) for item in items if item.agreed_hash}
    found: defaultdict[int, list[RoleApproval]] = defaultdict(list)
    for decision in Decision.objects.filter(item__in=hashes, answer=Decision.Answer.APPROVE):
        effects_hash, ends_at = hashes[decision.item_id]
        if decision.effects_hash == effects_hash and (
            decision.ends_at is None or decision.ends_at >= ends_at
        ):
            found[decision.item_id].append(
                RoleApproval(decision.on_behalf_of_id or decision.decided_by_id, DeciderRole(decision.role))
            )
    approvals, rule_cache = found, RuleCache()
    for item in items:
        facts = PolicyFacts.from_json(item.facts)
        store_verdict(item, facts, evaluate_rules(rule_cache.get_rules(item), facts), approvals[item.pk])
    RequestItem.objects.bulk_update(items, VERDICT_FIELDS, batch_size=BATCH_SIZE)
    for item in items:
        if item.state == ItemState.SUBMITTED and get_required_information(item):
            # Unless all is said, or it is break-glass: whoever takes that is not held up by a form.
            demands = get_required_information(item)
            text = _describe_missing(item, demands)
            if text and not BreakGlassSession.objects.filter(request=item.request_id).exists():
                data = {"required_information": demands.to_json()}
                event = record_by_person("request_changes", person, f"item:{item.pk}", data, now)
                Comment.objects.create(
                    item=item,
                    author=person,
                    posted_at=now,
                    kind=Comment.Kind.RETURN,
                    text=text,
                    key=f"rules-{event.pk}",
                    event=event,
                )
                save_item_state(item, ITEM_TRANSITIONS.check(item.state, ItemState.RETURNED), now)
    return len(items)


@builds_stored_text
def _describe_missing(item: RequestItem, demands: RequiredInformation) -> str:
    """Empty if nothing is missing."""
    what = list_missing_labels(demands, find_missing_on_item(item, demands))
    return _("A newly published policy requires: %(what)s.") % {"what": what} if what else ""
