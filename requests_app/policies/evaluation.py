"""Published policies applied to an item: facts, verdict, the verdict stored with it, and the information that it requires."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from catalog.products.models import Domain
from identity.accounts import Principal
from identity.people.events import record_by_person
from identity.people.models import Person, Team
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from kernel.errors import RefusedError
from lakeformation.effects.table_effects import Effects
from lakeformation.values.wording import list_names
from requests_app.access_requests.input_checks import build_form_reused_error
from requests_app.access_requests.may import get_item_domain
from requests_app.access_requests.models import AccessRequest, Decision, RequestItem
from requests_app.errors import MissingInformationError, PolicyChangedError
from requests_app.policies.models import PolicyVersion, RequiredTextAcceptance
from requests_app.policies.states import PolicyState
from requests_app.policy_engine.facts import PolicyFacts, get_classification_words
from requests_app.policy_engine.parsing import parse_rules, serialize_rules
from requests_app.policy_engine.request_texts import get_texts
from requests_app.policy_engine.rules import (
    AnswerProblem,
    DeciderRole,
    MissingInformation,
    RequiredInformation,
    Rule,
    compute_text_digest,
    find_missing_information,
    merge_required_information,
)
from requests_app.policy_engine.verdict import (
    PolicyVerdict,
    RoleApproval,
    evaluate_rules,
    find_missing_approvals,
    get_next_roles,
)

MAX_LISTED_LABELS = 5


@dataclass(frozen=True)
class ProvidedInformation:
    """`answers` by the name of the field that a rule requires, in one line each; `accepted_texts` are digests
    of the texts that are accepted. What no rule demands is not kept.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    accepted_texts: Collection[str] = ()

    def get_answer(self, name: str) -> str:
        return " ".join(self.answers.get(name, "").split())

    def __bool__(self) -> bool:
        return bool(self.accepted_texts) or any(self.get_answer(name) for name in self.answers)


NOTHING_PROVIDED = ProvidedInformation()


def get_required_information(item: RequestItem) -> RequiredInformation:
    """By the verdict that the item has."""
    return RequiredInformation.from_verdict(item.verdict)


def store_answers(
    items: Sequence[RequestItem], person: Person, provided: ProvidedInformation, now: datetime
) -> None:
    """Write on each item, not saved, what its rules demand of what was said, and keep what is accepted anew.

    MissingInformationError with all that any of them lacks.
    """
    demands = merge_required_information(get_required_information(item) for item in items)
    if not demands:
        return
    accepted_digests = list_accepted_digests(person, demands)
    before = {name: answer for item in items for name, answer in item.answers.items()}
    answers = before | {
        one.name: provided.get_answer(one.name) for one in demands.fields if one.name in provided.answers
    }
    lack = find_missing_information(demands, answers, accepted_digests | set(provided.accepted_texts))
    if lack:
        wrong = {
            AnswerProblem.EMPTY: _("A policy requires this."),
            AnswerProblem.LONG: _("Enter one line of at most 200 characters."),
            AnswerProblem.PATTERN: _("This does not have the format that the policy requires."),
        }
        messages = {name: wrong[one] for name, one in lack.answers.items()}
        accept = _("A policy requires you to read and accept this.")
        raise MissingInformationError(
            demands, messages | {compute_text_digest(text): accept for text in lack.texts}
        )
    for item in items:
        item.answers = item.answers | {
            one.name: answers[one.name] for one in get_required_information(item).fields
        }
    for text in demands.texts:
        if compute_text_digest(text) not in accepted_digests:
            digest = compute_text_digest(text)
            event = record_by_person(
                "accept_required_text", person, f"person:{person.pk}", {"digest": digest}, now
            )
            RequiredTextAcceptance.objects.create(
                person=person, digest=digest, text=text, accepted_at=now, event=event
            )


def check_same_answers(first: AccessRequest, provided: ProvidedInformation) -> None:
    """RefusedError if the key of an earlier request is reused with different answers."""
    kept = {name: answer for item in first.items.all() for name, answer in item.answers.items()}
    if any(name in provided.answers and provided.get_answer(name) != answer for name, answer in kept.items()):
        raise build_form_reused_error()


def find_missing_on_item(item: RequestItem, required_information: RequiredInformation) -> MissingInformation:
    """What of these demands its requester has not met. One query where there is a text."""
    return find_missing_information(
        required_information,
        item.answers,
        list_accepted_digests(item.request.current_requester, required_information),
    )


def check_information_complete(item: RequestItem, required_information: RequiredInformation) -> None:
    """RefusedError if nobody can approve it before the requester has given more information."""
    if what := list_missing_labels(required_information, find_missing_on_item(item, required_information)):
        raise RefusedError(describe_missing_information(what), "items")


def list_missing_labels(required_information: RequiredInformation, lack: MissingInformation) -> str:
    """What is not there, listed; empty where nothing lacks."""
    labels = [one.label for one in required_information.fields if one.name in lack.answers]
    texts = [_("a text to be accepted")] if lack.texts else []
    return list_names(list(dict.fromkeys(labels + texts)), MAX_LISTED_LABELS)


def describe_missing_information(what: str) -> str:
    """For deciders."""
    return _("A policy requires more information from the requester: %(what)s. Ask them for a change.") % {
        "what": what
    }


def list_accepted_digests(person: Person, required_information: RequiredInformation) -> set[str]:
    """Digests of those of the texts that the person has accepted before. One query, or none."""
    return {text_acceptance.digest for text_acceptance in list_text_acceptances(person, required_information)}


def list_text_acceptances(
    person: Person, required_information: RequiredInformation
) -> tuple[RequiredTextAcceptance, ...]:
    """Lists the person's acceptances of these texts, the first one first. One query, or none."""
    digests = [compute_text_digest(text) for text in required_information.texts]
    if not digests:
        return ()
    return tuple(RequiredTextAcceptance.objects.filter(person=person, digest__in=digests).order_by("pk"))


MAX_LISTED = 9
VERDICT_FIELDS = ("facts", "verdict", "needed_from", "waits_for")
"""Of an item, what an evaluation writes."""


def lock_policies(*, shared: bool = True) -> None:
    """Until the end of the transaction no version is published or retired, as these take the lock exclusively.
    Take it before locks of items: publishing a version locks all items that wait.
    """
    acquire_transaction_lock(AdvisoryLock.POLICIES, shared=shared)


def parse_version_rules(version: PolicyVersion) -> tuple[Rule, ...]:
    """What was checked when it was written."""
    domain = version.domain.slug if version.domain else ""
    return parse_rules(version.rules, domain=domain, version=version.number)


def serialize_version_rules(version: PolicyVersion | None) -> list[dict[str, Any]]:
    """As they are written and compared: a JSON column keeps no order of names. None has no rules."""
    return serialize_rules(parse_version_rules(version)) if version else []


def list_published_versions(domain: Domain | None) -> list[PolicyVersion]:
    """The global one and the domain's, as far as there are any. One query."""
    return list(_filter_published_versions(domain).select_related("domain", "published_by"))


def _filter_published_versions(domain: Domain | None) -> QuerySet[PolicyVersion]:
    scope = Q(domain=None) | Q(domain=domain) if domain else Q(domain=None)
    return PolicyVersion.objects.filter(scope, state=PolicyState.PUBLISHED).order_by("domain_id")


class RuleCache:
    """What was read already for other items of the same request: rules by domain, and teams of the requester."""

    def __init__(self) -> None:
        self._rules: dict[int | None, tuple[Rule, ...]] = {}
        self._groups: dict[int, list[str]] = {}

    def get_rules(self, item: RequestItem) -> tuple[Rule, ...]:
        """Every published rule that may apply to the item."""
        domain = get_item_domain(item)
        key = domain.pk if domain else None
        if key not in self._rules:
            rows = _filter_published_versions(domain).values_list("domain", "number", "rules")
            slugs: dict[int | None, str] = {None: "", **({domain.pk: domain.slug} if domain else {})}
            self._rules[key] = tuple(
                rule
                for pk, number, rules in rows
                for rule in parse_rules(rules, domain=slugs[pk], version=number)
            )
        return self._rules[key]

    def get_team_slugs(self, person: int) -> list[str]:
        """Slugs of their teams."""
        if person not in self._groups:
            teams = Team.objects.filter(memberships__person=person).distinct()
            self._groups[person] = list(teams.values_list("slug", flat=True))
        return self._groups[person]


def build_policy_facts(item: RequestItem, effects: Effects, rule_cache: RuleCache) -> PolicyFacts:
    """What is known of an item, saved or not, whose effects are these."""
    request, account = item.request, item.request.principal.account
    domain, shown = get_item_domain(item), dict(_iterate_shown_columns(item, effects.approved))
    words: dict[str, Iterable[str] | None] = {
        "classification": get_classification_words(shown.values()),
        "domain": [domain.slug] if domain else None,
        "line_of_business": [domain.line_of_business] if domain and domain.line_of_business else None,
        "product": [item.product.slug] if item.product else None,
        "database": [item.table.database.name] if item.target.names_database else None,
        "extent": [item.target.extent_fact, *(["account"] if request.principal.is_account else [])],
        "use": [item.use or ("query" if item.target.shows_data else "metadata")],
        "account": [account.account_id],
        "account_line_of_business": [account.line_of_business] if account.line_of_business else None,
        "environment": [account.environment],
        "outside": [_format_boolean(not account.in_organisation)],
        "team": [request.team.slug],
        "groups": rule_cache.get_team_slugs(request.requester_id),
        "principal_tags": _list_principal_tags(request.principal),
        "widened": [_format_boolean(bool(effects.widenings))],
        **{name: re.findall(r"\w+", text.lower()) for name, text in get_texts(request).items()},
    }
    numbers = {"days": max((item.ends_at - request.submitted_at) // timedelta(days=1), 0)}
    if item.target.counts_columns:
        numbers["columns"] = len(item.columns)
    known = {name: frozenset(values) for name, values in words.items() if values is not None}
    return PolicyFacts(known, numbers, shown)


def _iterate_shown_columns(item: RequestItem, approved: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Columns that would be seen, with their classes; those of many tables under their tables' names."""
    if not item.target.shows_data:
        return
    yield from approved.get("classification", {}).items()
    for member in approved.get("members", ()):
        for name, its in member["columns"].items():
            yield f"{member['table']}.{name}", its


def _list_principal_tags(principal: Principal) -> list[str] | None:
    """As `key=value`; None while nobody has read them, and for an account as a whole, which has none."""
    return None if principal.tags is None else [f"{key}={value}" for key, value in principal.tags.items()]


def _format_boolean(holds: bool) -> str:  # noqa: FBT001 - a truth made a word
    return "yes" if holds else "no"


def check_verdict(verdict: PolicyVerdict) -> None:
    """RefusedError at the field that a rule does not let pass, with the rule's words."""
    if verdict.refusals:
        raise RefusedError(" ".join(verdict.refusals), "items")
    if verdict.excluded_columns:
        message = _("A policy excludes %(columns)s. Request access without them.")
        raise RefusedError(message % {"columns": list_names(verdict.excluded_columns, MAX_LISTED)}, "items")
    if verdict.most_days is not None:
        most = _("A policy limits this access to %(days)s days. Choose an earlier day.")
        raise RefusedError(most % {"days": verdict.most_days}, "ends_at")


def evaluate_item(
    item: RequestItem, effects: Effects, rule_cache: RuleCache | None = None
) -> tuple[PolicyFacts, PolicyVerdict]:
    """The verdict of the published rules on the item as it is now. Two queries, but for what `rule_cache` has."""
    book = rule_cache or RuleCache()
    facts = build_policy_facts(item, effects, book)
    return facts, evaluate_rules(book.get_rules(item), facts)


def check_and_store_verdict(
    item: RequestItem, effects: Effects, rule_cache: RuleCache | None = None
) -> PolicyVerdict:
    """Set the verdict on a new or changed item without saving it. RefusedError if a rule refuses it."""
    facts, verdict = evaluate_item(item, effects, rule_cache)
    check_verdict(verdict)
    approvals = list_role_approvals(item, effects.digest())
    store_verdict(item, facts, verdict, approvals)
    return verdict


def evaluate_as_shown(
    item: RequestItem, effects: Effects, policy_hash: str
) -> tuple[PolicyFacts, PolicyVerdict]:
    """The current verdict. PolicyChangedError if another one was shown; RefusedError, also if required information is
    missing.
    """
    facts, verdict = evaluate_item(item, effects)
    if policy_hash and verdict.digest() != policy_hash:
        raise PolicyChangedError(verdict)
    check_verdict(verdict)
    check_information_complete(item, verdict.required_information)
    return facts, verdict


def store_verdict(
    item: RequestItem, facts: PolicyFacts, verdict: PolicyVerdict, approvals: list[RoleApproval]
) -> None:
    """Write it on the item, and whose turn it is; not saved."""
    item.facts, item.verdict = facts.to_json(), verdict.to_json()
    item.needed_from = [role.value for role in verdict.roles]
    item.waits_for = [role.value for role in get_next_roles(find_missing_approvals(verdict.needs, approvals))]


def list_role_approvals(item: RequestItem, effects_hash: str) -> list[RoleApproval]:
    """Who agreed to these effects, until the item's end or longer. One query, none before the first approval."""
    if not item.agreed_hash:
        return []
    decisions = Decision.objects.filter(
        Q(ends_at=None) | Q(ends_at__gte=item.ends_at),
        item=item.pk,
        answer=Decision.Answer.APPROVE,
        effects_hash=effects_hash,
    )
    whose = Coalesce("on_behalf_of", "decided_by")
    return [RoleApproval(person, DeciderRole(role)) for person, role in decisions.values_list(whose, "role")]
