"""The policies in force applied to an item: facts, verdict, and the verdict stored with it."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from catalog.products.models import Domain
from identity.accounts.models import Principal
from identity.errors import RefusedError
from identity.people.models import Team
from lakeformation.effects.table_effects import Effects
from lakeformation.values.wording import listed
from requests_app.access_requests.may import get_item_domain
from requests_app.access_requests.models import Decision, Item
from requests_app.errors import PolicyChangedError
from requests_app.policies.demands import check_answered
from requests_app.policies.models import PolicyVersion
from requests_app.policies.states import PolicyState
from requests_app.policy_engine.facts import Facts, classes_of
from requests_app.policy_engine.parsing import as_data, read_rules
from requests_app.policy_engine.quorum import Yes, missing, next_roles
from requests_app.policy_engine.rules import Role, Rule
from requests_app.policy_engine.verdict import PolicyVerdict, judge

MOST_NAMED = 9
KEPT = ("facts", "verdict", "needed_from", "waits_for")
"""Of an item, what judging writes."""


def rules_stand_still(*, shared: bool = True) -> None:
    """Until the end of the transaction no version is put in force or retired; who does that asks for it alone.
    It comes before the locks of items: whoever puts a version in force takes those of all that wait.
    """
    lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(hashtextextended('policies', 0))")


def rules_of(version: PolicyVersion) -> tuple[Rule, ...]:
    """What was checked when it was written."""
    domain = version.domain.slug if version.domain else ""
    return read_rules(version.rules, domain=domain, version=version.number)


def plain_rules(version: PolicyVersion | None) -> list[dict[str, Any]]:
    """As they are written and compared: a JSON column keeps no order of names. None has no rules."""
    return as_data(rules_of(version)) if version else []


def versions_in_force(domain: Domain | None) -> list[PolicyVersion]:
    """The global one and the domain's, as far as there are any. One query."""
    scope = Q(domain=None) | Q(domain=domain) if domain else Q(domain=None)
    found = PolicyVersion.objects.filter(scope, state=PolicyState.IN_FORCE)
    return list(found.select_related("domain", "in_force_by").order_by("domain_id"))


class Rulebook:
    """What was read already for other items of the same request: rules by domain, and teams of who asks."""

    def __init__(self) -> None:
        self._rules: dict[int | None, tuple[Rule, ...]] = {}
        self._groups: dict[int, list[str]] = {}

    def rules_for(self, item: Item) -> tuple[Rule, ...]:
        """Every rule in force that may have something to say to the item."""
        domain = get_item_domain(item)
        key = domain.pk if domain else None
        if key not in self._rules:
            self._rules[key] = all_rules(versions_in_force(domain))
        return self._rules[key]

    def groups_of(self, person: int) -> list[str]:
        """Slugs of their teams."""
        if person not in self._groups:
            teams = Team.objects.filter(memberships__person=person).distinct()
            self._groups[person] = list(teams.values_list("slug", flat=True))
        return self._groups[person]


def all_rules(versions: Iterable[PolicyVersion]) -> tuple[Rule, ...]:
    return tuple(rule for version in versions for rule in rules_of(version))


def facts_of(item: Item, effects: Effects, rulebook: Rulebook) -> Facts:
    """What is known of an item, saved or not, whose effects are these."""
    request, account = item.request, item.request.principal.account
    domain, shown = get_item_domain(item), dict(_shown(item, effects.approved))
    words: dict[str, Iterable[str] | None] = {
        "classification": classes_of(shown.values()),
        "domain": [domain.slug] if domain else None,
        "line_of_business": [domain.line_of_business] if domain and domain.line_of_business else None,
        "product": [item.product.slug] if item.product else None,
        "database": None if item.tags else [item.table.database.name],
        "extent": _extent(item),
        "use": [item.use or ("metadata" if item.metadata_only else "query")],
        "account": [account.account_id],
        "account_line_of_business": [account.line_of_business] if account.line_of_business else None,
        "environment": [account.environment],
        "outside": [_yes(not account.in_organisation)],
        "team": [request.team.slug],
        "groups": rulebook.groups_of(request.requester_id),
        "principal_tags": _tags(request.principal),
        "widened": [_yes(bool(effects.widenings))],
        "purpose": re.findall(r"\w+", request.purpose.lower()),
    }
    numbers = {"days": max((item.ends_at - request.submitted_at) // timedelta(days=1), 0)}
    if not (item.whole_table or item.tags):
        numbers["columns"] = len(item.columns)
    known = {name: frozenset(values) for name, values in words.items() if values is not None}
    return Facts(known, numbers, shown)


def _shown(item: Item, approved: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Columns that would be seen, with their classes; those of many tables under their tables' names."""
    if item.metadata_only:
        return
    yield from approved.get("classification", {}).items()
    for member in approved.get("members", ()):
        for name, its in member["columns"].items():
            yield f"{member['table']}.{name}", its


def _tags(principal: Principal) -> list[str] | None:
    """As `key=value`; None while nobody has read them, and for an account as a whole, which has none."""
    return None if principal.tags is None else [f"{key}={value}" for key, value in principal.tags.items()]


def _extent(item: Item) -> list[str]:
    whole = "whole" if item.whole_table else "rows" if item.row_rule else "columns"
    kind = "metadata" if item.metadata_only else _many(item) or whole
    return [kind, *(["account"] if item.request.principal.is_account else [])]


def _many(item: Item) -> str:
    return "tags" if item.tags else "database" if item.whole_database else ""


def _yes(holds: bool) -> str:  # noqa: FBT001 - a truth made a word
    return "yes" if holds else "no"


def check_verdict(verdict: PolicyVerdict) -> None:
    """RefusedError at the field that a rule does not let pass, with the rule's words."""
    if verdict.refusals:
        raise RefusedError(" ".join(verdict.refusals), "items")
    if verdict.left_out:
        said = _("A rule leaves out %(columns)s. Ask without.")
        raise RefusedError(said % {"columns": listed(verdict.left_out, MOST_NAMED)}, "items")
    if verdict.most_days is not None:
        most = _("A rule gives this for %(days)s days at most. Choose an earlier day.")
        raise RefusedError(most % {"days": verdict.most_days}, "ends_at")


def judged(item: Item, effects: Effects, rulebook: Rulebook | None = None) -> tuple[Facts, PolicyVerdict]:
    """What the rules in force say to the item as it stands. Two queries, but for what the rulebook has."""
    book = rulebook or Rulebook()
    facts = facts_of(item, effects, book)
    return facts, judge(book.rules_for(item), facts)


def check_and_judge(item: Item, effects: Effects, rulebook: Rulebook | None = None) -> PolicyVerdict:
    """For an item just asked for, or changed: the verdict is put on it, not saved. RefusedError when it is refused."""
    facts, verdict = judged(item, effects, rulebook)
    check_verdict(verdict)
    said = said_yes(item, effects.digest()) if item.agreed_hash else []
    keep_verdict(item, facts, verdict, said)
    return verdict


def as_judged(item: Item, effects: Effects, rules_hash: str) -> tuple[Facts, PolicyVerdict]:
    """What the rules say just now, which is what was shown where that is told. RulesChangedError; RefusedError, also
    when they demand something of who asked that lacks.
    """
    facts, verdict = judged(item, effects)
    if rules_hash and verdict.digest() != rules_hash:
        raise PolicyChangedError(verdict)
    check_verdict(verdict)
    check_answered(item, verdict.demands)
    return facts, verdict


def keep_verdict(item: Item, facts: Facts, verdict: PolicyVerdict, said: list[Yes]) -> None:
    """Write it on the item, and whose turn it is; not saved."""
    item.facts, item.verdict = facts.to_json(), verdict.to_json()
    item.needed_from = [role.value for role in verdict.roles]
    item.waits_for = [role.value for role in next_roles(missing(verdict.needs, said))]


def said_yes(item: Item, effects_hash: str) -> list[Yes]:
    """Who agreed to these effects, until the item's end or longer. One query."""
    found = Decision.objects.filter(
        Q(ends_at=None) | Q(ends_at__gte=item.ends_at),
        item=item.pk,
        answer=Decision.Answer.APPROVE,
        effects_hash=effects_hash,
    )
    whose = Coalesce("on_behalf_of", "decided_by")
    return [Yes(person, Role(role)) for person, role in found.values_list(whose, "role")]
