"""Rules as sentences: "If the classification is sensitive, then a privacy officer must approve."."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lakeformation.values.wording import list_names
from requests_app.policies.wording import describe_required_approvals, join_words
from requests_app.policy_engine.facts import NUMBER_FACTS
from requests_app.policy_engine.request_texts import REQUEST_TEXTS
from requests_app.policy_engine.rules import Rule, RuleCondition, RuleEffect

MAX_LISTED = 9
YES_OR_NO_FACTS = frozenset({"outside", "widened"})


def describe_rule(rule: Rule) -> str:
    """One sentence, without the rule's name."""
    if rule.then.keep_recreated_by:
        roles = list_names(sorted(rule.then.keep_recreated_by), MAX_LISTED)
        words = _(
            "If %(roles)s creates a table of the domain again, with the same columns and location, then its grants are kept."
        )
        return words % {"roles": roles}
    effects = join_words(_describe_effects(rule.then))
    if not rule.when:
        return _("For every request: %(effects)s.") % {"effects": effects}
    conditions = join_words([_describe_condition(one) for one in rule.when])
    return _("If %(conditions)s, then %(effects)s.") % {"conditions": conditions, "effects": effects}


def get_fact_names() -> dict[str, str]:
    """What conditions look at, by the fact's name in YAML, in the order of the form."""
    return {
        "classification": _("classification"),
        "extent": _("scope"),
        "columns": _("number of columns"),
        "days": _("days of access"),
        **{text.name: _(text.fact_label) for text in REQUEST_TEXTS},
        "use": _("use"),
        "outside": _("outside the organisation"),
        "environment": _("environment"),
        "account": _("receiving account"),
        "account_line_of_business": _("line of business of the account"),
        "team": _("requesting team"),
        "groups": _("group"),
        "principal_tags": _("tag of the role"),
        "claims": _("claim"),
        "domain": _("domain"),
        "line_of_business": _("line of business"),
        "product": _("data product"),
        "database": _("database"),
        "widened": _("seen beyond the request"),
    }


def _describe_condition(one: RuleCondition) -> str:
    if one.fact in NUMBER_FACTS:
        bounds = {"least": one.minimum, "most": one.maximum}
        is_days = one.fact == "days"
        if one.maximum is None:
            bound_words = (
                _("access lasts at least %(least)s days")
                if is_days
                else _("at least %(least)s columns are requested")
            )
        elif one.minimum is None:
            bound_words = (
                _("access lasts at most %(most)s days")
                if is_days
                else _("at most %(most)s columns are requested")
            )
        elif is_days:
            bound_words = _("access lasts %(least)s to %(most)s days")
        else:
            bound_words = _("%(least)s to %(most)s columns are requested")
        return bound_words % bounds
    if one.fact in YES_OR_NO_FACTS and len(one.words) == 1:
        is_so = (one.words == {"yes"}) != one.negated
        if one.fact == "outside":
            return (
                _("the recipient is outside the organisation")
                if is_so
                else _("the recipient is inside the organisation")
            )
        return (
            _("more becomes visible than requested")
            if is_so
            else _("nothing more becomes visible than requested")
        )
    values = {"fact": get_fact_names()[one.fact], "values": list_names(sorted(one.words), MAX_LISTED)}
    if len(one.words) == 1:
        words = _("the %(fact)s is not %(values)s") if one.negated else _("the %(fact)s is %(values)s")
    elif one.negated:
        words = _("the %(fact)s is none of %(values)s")
    else:
        words = _("the %(fact)s is one of %(values)s")
    return words % values


def _describe_effects(then: RuleEffect) -> list[str]:
    if then.automatic:
        return [_("the request is approved automatically")]
    effects = []
    if then.refusal:
        effects.append(_("the request is refused: “%(reason)s”") % {"reason": then.refusal})
    if then.needs:
        needs = [{"role": need.role.value, "quorum": need.quorum, "step": need.step} for need in then.needs]
        effects.append(_("%(people)s must approve") % {"people": describe_required_approvals(needs)})
    if then.excluded_classifications:
        classes = list_names(sorted(then.excluded_classifications), MAX_LISTED)
        effects.append(_("columns with the classification %(classes)s are excluded") % {"classes": classes})
    if then.excluded_columns:
        names = list_names(sorted(then.excluded_columns), MAX_LISTED)
        effects.append(_("the columns %(names)s are excluded") % {"names": names})
    if then.most_days is not None:
        words = ngettext("access ends after a day", "access ends after at most %(n)d days", then.most_days)
        effects.append(words % {"n": then.most_days})
    required = []
    if then.required_information.fields:
        labels = list_names([field.label for field in then.required_information.fields], MAX_LISTED)
        required.append(_("the requester has to give: %(what)s") % {"what": labels})
    if then.required_information.texts:
        required.append(_("the requester has to accept a text"))
    return effects + required
