"""Policy verdicts in words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.products.offers.models import OfferVersion
from lakeformation.values.wording import list_names
from requests_app.access_requests.may import get_role_phrase
from requests_app.policy_engine.facts import UNAVAILABLE_FACTS
from requests_app.policy_engine.rules import DeciderRole, RequiredInformation, Rule
from requests_app.policy_engine.verdict import PolicyOutcome

MAX_LISTED = 9
VerdictJson = Mapping[str, Any]
"""A verdict as JSON, as it is kept with an item: see `PolicyVerdict.to_json`."""


def describe_outcome_and_information(verdict: VerdictJson, outcome_text: str = "") -> str:
    """What becomes of the request, or `outcome_text` if given, and what the requester has to give."""
    demands = RequiredInformation.from_verdict(verdict)
    labels = [field.label for field in demands.fields]
    texts = [_("a text to be accepted") for _text in demands.texts[:1]]
    if not demands or verdict["outcome"] == PolicyOutcome.REFUSED:
        return outcome_text or describe_outcome(verdict)
    what = list_names(dict.fromkeys(labels + texts), MAX_LISTED)
    asked = _("The requester has to give: %(what)s.") % {"what": what}
    return f"{outcome_text or describe_outcome(verdict)} {asked}"


def describe_outcome(verdict: VerdictJson) -> str:
    """One sentence on what becomes of the request."""
    if verdict["outcome"] == PolicyOutcome.AUTOMATIC:
        return _("Approved automatically, by a policy of the data owner.")
    if verdict["outcome"] == PolicyOutcome.REFUSED:
        return " ".join(list_refusals(verdict))
    return _("Needs approval by %(people)s.") % {"people": describe_required_approvals(verdict["needs"])}


def describe_required_approvals(needs: Sequence[Mapping[str, Any]]) -> str:
    """Whose approvals, as JSON of `RequiredApproval`, step by step."""
    steps = sorted({need["step"] for need in needs})
    steps_in_words = [
        join_words([_describe_required_approval(n) for n in needs if n["step"] == step]) for step in steps
    ]
    return _(", then ").join(steps_in_words)


def describe_offer_approval(version: OfferVersion) -> str:
    """What becomes, or became, of a request that its offer approves."""
    return _("Approved automatically, under the offer “%(name)s”.") % {"name": version.name}


def list_refusals(verdict: VerdictJson) -> list[str]:
    """Why nobody can approve it as it is; empty if somebody can."""
    sentences = list(verdict["refusals"])
    if verdict["excluded_columns"]:
        names = list_names(verdict["excluded_columns"], MAX_LISTED)
        sentences.append(_("A rule excludes %(columns)s.") % {"columns": names})
    if verdict["most_days"] is not None:
        days = verdict["most_days"]
        sentences.append(
            ngettext("A rule limits access to a day.", "A rule limits access to %(n)d days.", days)
            % {"n": days}
        )
    return sentences


def list_fired_rules(verdict: VerdictJson) -> list[str]:
    """Which rules applied, one line each, and which facts of the request were not known."""
    return [_describe_fired_rule(one) for one in verdict.get("fired", ())]


def _describe_fired_rule(one: Mapping[str, Any]) -> str:
    whose = _("rule of %(domain)s") % {"domain": one["domain"]} if one["domain"] else _("global rule")
    words = {"name": one["name"], "whose": whose, "n": one["version"]}
    line = _("%(name)s (%(whose)s, version %(n)s)") % words
    if not one["unknown"]:
        return line
    facts = ", ".join(_describe_unknown_fact(fact) for fact in one["unknown"])
    return _("%(line)s: not known, so counted as met: %(facts)s") % {"line": line, "facts": facts}


def list_unavailable_facts(rules: Iterable[Rule]) -> list[str]:
    """A line for each rule that looks at something that nothing brings yet."""
    lines = []
    for rule in rules:
        facts = [_describe_unknown_fact(one.fact) for one in rule.when if one.fact in UNAVAILABLE_FACTS]
        says = (
            _("%(rule)s never approves: %(facts)s")
            if rule.then.automatic
            else _("%(rule)s applies to every request in this respect: %(facts)s")
        )
        lines += [says % {"rule": rule.name, "facts": ", ".join(facts)}] if facts else []
    return lines


def describe_fact(name: str, *, is_known: bool) -> str:
    """Its name, and why it is not known where it never is."""
    return name.replace("_", " ") if is_known else _describe_unknown_fact(name)


def _describe_unknown_fact(name: str) -> str:
    because = {
        "claims": _("not known yet, because people sign in with a password only"),
        "principal_tags": _("not known of a whole account, and of a role or user until the next sync"),
    }
    words = name.replace("_", " ")
    return f"{words} ({because[name]})" if name in because else words


def _describe_required_approval(need: Mapping[str, Any]) -> str:
    if need["quorum"] == 1:
        return get_role_phrase(need["role"])
    several = {
        DeciderRole.OWNER: _("%(n)s data owners"),
        DeciderRole.LEAD: _("%(n)s leads of the requesting team"),
        DeciderRole.STEWARD: _("%(n)s stewards"),
        DeciderRole.PRIVACY: _("%(n)s privacy officers"),
    }
    return several[DeciderRole(need["role"])] % {"n": need["quorum"]}


def join_words(words: Sequence[str]) -> str:
    """`a, b and c`."""
    if len(words) == 1:
        return words[0]
    return _("%(some)s and %(last)s") % {"some": ", ".join(words[:-1]), "last": words[-1]}
