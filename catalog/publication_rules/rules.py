"""The rules as a value, and what a product lacks of them. No database."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.products.fields import PRODUCT_FIELDS, FieldKind
from kernel.errors import RefusedError
from kernel.strict_yaml import parse_plain_yaml, write_yaml
from lakeformation.values.wording import list_names

MAX_WORDS, MAX_LISTED = 1000, 5
REQUIRABLE_FIELDS: Mapping[str, Any] = {
    one.name: one.label
    for one in sorted(PRODUCT_FIELDS, key=lambda one: one.kind == FieldKind.KEYWORDS)
    if one.is_requirable
}
"""Fields of a product that rules can require, with their labels. Lists come last."""
TABLES_RULE = "tables"
"""Holds for every product, whatever the rules in force."""
TIERS = ("bronze", "silver", "gold")


@dataclass(frozen=True)
class Rules:
    """`description_words` is how many words the description has at least; `tiers` are those that may be published, all if empty."""

    active_owner: bool = False
    description_words: int = 0
    required_fields: tuple[str, ...] = ()
    classified_columns: bool = False
    classified_personal_columns: bool = False
    own_tables: bool = False
    tiers: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "required_fields": list(self.required_fields), "tiers": list(self.tiers)}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Rules":
        return cls(
            **{**said, "required_fields": tuple(said["required_fields"]), "tiers": tuple(said["tiers"])}
        )


@dataclass(frozen=True)
class ProductFacts:
    """`fields` are the values of `REQUIRABLE_FIELDS`. Only tables that are in the catalog count. `unclassified` are columns as `table.column`, `unclassified_personal` those of
    them that a scan took for personal data, `foreign_tables` tables outside the domain's databases, `columnless_tables` those of which
    no column was read, `unscanned_tables` those with columns without a class that no scan has looked at.
    """

    owner_is_active: bool
    description: str
    fields: Mapping[str, Any]
    table_count: int
    column_count: int
    unclassified: tuple[str, ...]
    unclassified_personal: tuple[str, ...]
    foreign_tables: tuple[str, ...]
    tier: str
    columnless_tables: tuple[str, ...] = ()
    unscanned_tables: tuple[str, ...] = ()


@dataclass(frozen=True)
class RuleResult:
    """`key` names the rule, `field` where the form has what it is about; empty if it is not in the form. `exception` is the reason
    why it need not be met.
    """

    key: str
    text: str
    problem: str
    field: str
    exception: str = ""

    @property
    def is_met(self) -> bool:
        return not self.problem or bool(self.exception)


def check_rules(rules: Rules) -> Rules:
    """The rules with each field and tier once, in their order. RefusedError at an invalid field."""
    if not 0 <= rules.description_words <= MAX_WORDS:
        raise RefusedError(
            _("Enter a number of words from 0 to %(most)s.") % {"most": MAX_WORDS}, "description_words"
        )
    for field, known in (("required_fields", tuple(REQUIRABLE_FIELDS)), ("tiers", TIERS)):
        if set(getattr(rules, field)) - set(known):
            raise RefusedError(_("Choose from the list."), field)
    return Rules(
        active_owner=rules.active_owner,
        description_words=rules.description_words,
        required_fields=tuple(one for one in REQUIRABLE_FIELDS if one in rules.required_fields),
        classified_columns=rules.classified_columns,
        classified_personal_columns=rules.classified_personal_columns,
        own_tables=rules.own_tables,
        tiers=tuple(one for one in TIERS if one in rules.tiers),
    )


def evaluate_rules(
    rules: Rules, facts: ProductFacts, exceptions: Mapping[str, str]
) -> tuple[RuleResult, ...]:
    """One for each rule in force, in the order of the form. `exceptions` are reasons by the rule's key."""
    return tuple(
        RuleResult(
            result.key,
            result.text,
            result.problem,
            result.field,
            exceptions.get(result.key, "") if result.problem else "",
        )
        for result in _list_results(rules, facts)
    )


def list_rule_keys(rules: Rules) -> tuple[str, ...]:
    nothing = ProductFacts(False, "", {}, 0, 0, (), (), (), "")
    return tuple(result.key for result in _list_results(rules, nothing))


def _list_results(rules: Rules, facts: ProductFacts) -> Iterator[RuleResult]:
    if rules.active_owner:
        problem = (
            ""
            if facts.owner_is_active
            else _("The owner is no longer an active data owner of the domain's team.")
        )
        yield RuleResult(
            "active_owner", _("An active data owner of the domain's team is accountable"), problem, "owner"
        )
    if rules.description_words:
        yield _check_description(rules.description_words, facts.description)
    for field in rules.required_fields:
        yield _check_field(field, facts.fields.get(field))
    yield _check_tables(facts.table_count)
    no_tables = "" if facts.table_count else _("There is no table to check yet.")
    no_columns = "" if facts.column_count else _("There is no column to check yet.")
    no_columns = no_columns or _describe_names(
        _("No column was read of: %(names)s."), facts.columnless_tables
    )
    if rules.classified_columns:
        unclassified = _describe_names(_("Not classified: %(names)s."), facts.unclassified)
        yield RuleResult(
            "classified_columns", _("Every column is classified"), no_columns or unclassified, ""
        )
    if rules.classified_personal_columns:
        text = _("Every column that was detected as personal data is classified")
        personal = _describe_names(
            _("Detected as personal data, not classified: %(names)s."), facts.unclassified_personal
        )
        unscanned = _describe_names(_("Not scanned yet: %(names)s."), facts.unscanned_tables)
        yield RuleResult("classified_personal_columns", text, no_columns or personal or unscanned, "")
    if rules.own_tables:
        foreign = _describe_names(_("Not of the domain: %(names)s."), facts.foreign_tables)
        yield RuleResult("own_tables", _("All tables belong to the domain"), no_tables or foreign, "tables")
    if rules.tiers:
        yield _check_tier(rules.tiers, facts.tier)


def _check_tables(count: int) -> RuleResult:
    """Always in force: without a table, nobody can request anything."""
    problem = "" if count else _("Add a table.")
    return RuleResult(TABLES_RULE, _("The product has at least one table"), problem, "tables")


def _check_description(least: int, description: str) -> RuleResult:
    text = ngettext(
        "The description has at least %(n)s word", "The description has at least %(n)s words", least
    ) % {"n": least}
    found = len(description.split())
    problem = (
        ngettext("It has %(n)s word.", "It has %(n)s words.", found) % {"n": found} if found < least else ""
    )
    return RuleResult("description_words", text, problem, "description")


def _check_field(field: str, value: Any) -> RuleResult:
    label = REQUIRABLE_FIELDS[field]
    problem = "" if value else _("It promises nothing.") if value == 0 else _("It is empty.")
    return RuleResult(field, _("“%(field)s” is filled in") % {"field": label}, problem, field)


def _check_tier(tiers: Collection[str], tier: str) -> RuleResult:
    text = _("The tier is one of: %(tiers)s") % {"tiers": ", ".join(tiers)}
    problem = "" if tier in tiers else _("It is %(tier)s.") % {"tier": tier}
    return RuleResult("tier", text, problem, "")


def _describe_names(sentence: str, names: Iterable[str]) -> str:
    found = list(names)
    return sentence % {"names": list_names(found, MAX_LISTED)} if found else ""


MAX_LENGTH = 20_000
"""Characters of a file."""
_TYPES = {one.name: type(one.default) for one in fields(Rules)}


def parse_rules_yaml(text: str) -> Rules:
    """What is left out is no rule. RefusedError at `file` for what is no mapping of the rules, else at the rule."""
    if len(text) > MAX_LENGTH:
        raise RefusedError(_("The file has more than %(most)s characters.") % {"most": MAX_LENGTH}, "file")
    data = parse_plain_yaml(text, "file")
    if data is None:
        return Rules()
    if not isinstance(data, dict):
        raise RefusedError(_("The file must have one rule per line, such as own_tables: true."), "file")
    return check_rules(Rules(**{str(name): _parse_value(str(name), value) for name, value in data.items()}))


def format_rules_yaml(rules: Rules) -> str:
    """What `parse_rules_yaml` reads as the same; every rule, also those that are off."""
    return write_yaml(rules.to_json())


def _parse_value(name: str, value: Any) -> Any:
    kind = _TYPES.get(name)
    if kind is None:
        known = ", ".join(_TYPES)
        raise RefusedError(
            _("There is no rule %(name)s. The rules are: %(known)s.") % {"name": name, "known": known}, "file"
        )
    if kind is tuple and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    if kind is tuple:
        raise RefusedError(_("%(name)s must be a list of names.") % {"name": name}, name)
    if type(value) is not kind:
        words = (
            _("%(name)s must be true or false.") if kind is bool else _("%(name)s must be a whole number.")
        )
        raise RefusedError(words % {"name": name}, name)
    return value
