"""The facets of the search, one row each.

From a row come the values that a search may choose, the typed filter, its SQL conditions, labels, and how both plans count it. A
facet with a `column` needs that column in `Document` and in the view `catalog_document_source`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext_noop as _

SINCE = (
    """to_char((meshmarket_now() - make_interval(hours => {hours})) AT TIME ZONE 'UTC',"""
    """ 'YYYY-MM-DD"T"HH24:MI:SS') COLLATE "C\""""
)
"""So many hours ago, in the format of Glue's times in the mirror."""
AGE = re.compile(r"([<>]?)([1-9]\d{0,3})([hdw])", re.IGNORECASE)
_WORD = re.compile(r"[\w.-]{1,80}")
_FREE_TEXT = re.compile(r"[^\x00-\x1f]{1,256}")
_TAG = re.compile(r"[^=\x00-\x1f]{1,128}=[^\x00-\x1f]{0,256}")


class FacetKind(StrEnum):
    VALUE = "value"
    """A document has one value, or none."""
    LIST = "list"
    ORIGIN = "origin"
    """It follows from the domain and the account of the document."""
    ACCESS = "access"
    """It depends on the person."""
    AGE = "age"
    LEAST = "least"
    """A document has every value up to its own."""
    WORD = "word"
    """One of the values, or an empty text; too rarely read to be stored as counts."""


NESTED_KINDS = (FacetKind.AGE, FacetKind.LEAST, FacetKind.WORD)
"""Only values with a label can be chosen, one at a time. They have no cells."""


@dataclass(frozen=True)
class FacetDefinition:
    """`typed_name` is of its typed filter; a value that `typed_pattern` does not match is ignored, and `typed_values` says what it
    takes. `chosen` and `typed` are conditions on a row of `matched`, where the kind's own is not enough. `column` is the document's
    and `part` the name of its stored counts. `indexed` is the condition of the index that counts it. Typed filters of an
    `is_typed_by_label` also match a part of the label.
    """

    name: str
    kind: FacetKind
    label: str
    value_labels: Mapping[str, str] = field(default_factory=dict)
    typed_name: str = ""
    typed_pattern: re.Pattern[str] | None = None
    typed_values: str = ""
    chosen: str = ""
    typed: str = ""
    column: str = ""
    part: str = ""
    pattern: re.Pattern[str] = _WORD
    indexed: str = ""
    is_typed_by_label: bool = False

    @property
    def filter_name(self) -> str:
        return self.typed_name or self.name

    @property
    def chosen_condition(self) -> str:
        return self.chosen or _CHOSEN[self.kind].format(name=self.name, column=self.column)

    @property
    def typed_condition(self) -> str:
        return self.typed or _TYPED[self.kind].format(column=self.column, key="{key}")


_CHOSEN = {
    FacetKind.VALUE: "{column} = ANY(%({name})s)",
    FacetKind.LIST: "{column} && %({name})s::varchar[]",
    FacetKind.ACCESS: "access = ANY(%({name})s)",
    FacetKind.AGE: f"({{column}} <> '' AND {{column}} >= {SINCE.format(hours='%({name}_hours)s')})",
    FacetKind.LEAST: "coalesce({column} >= %({name}_least)s, false)",
    FacetKind.WORD: "{column} = ANY(%({name})s)",
}
_SINCE_TYPED = SINCE.format(hours="%({key}_hours)s")
_TYPED = {
    FacetKind.VALUE: "{column} = lower(%({key})s)",
    FacetKind.LIST: "lower(%({key})s) = ANY({column})",
    FacetKind.AGE: (
        f"({{column}} <> '' AND CASE WHEN %({{key}}_older)s THEN {{column}} < {_SINCE_TYPED}"
        f" ELSE {{column}} >= {_SINCE_TYPED} END)"
    ),
    FacetKind.LEAST: "coalesce({column} >= %({key})s::bigint, false)",
    FacetKind.WORD: "{column} = lower(%({key})s)",
}

DEFINITIONS = (
    FacetDefinition(
        "type", FacetKind.VALUE, _("Kind"), {"product": _("Data product"), "table": _("Table"), "view": _("View")},
        typed_pattern=re.compile("product|table|view", re.IGNORECASE), typed_values="product, table or view",
        column="kind", part="total",
    ),
    FacetDefinition(
        "domain", FacetKind.ORIGIN, _("Domain"),
        chosen="domain IN (SELECT id FROM catalog_domain WHERE slug = ANY(%(domain)s))",
        typed="""domain IN (SELECT d.id FROM catalog_domain d
      WHERE d.slug = lower(%({key})s) OR d.name ILIKE %({key}_like)s)""",
        is_typed_by_label=True,
    ),
    FacetDefinition(
        "team", FacetKind.ORIGIN, _("Owner team"),
        chosen="""domain IN (SELECT d.id FROM catalog_domain d JOIN identity_team g ON g.id = d.owner_team_id
      WHERE g.slug = ANY(%(team)s))""",
        typed="""domain IN (SELECT d.id FROM catalog_domain d JOIN identity_team g ON g.id = d.owner_team_id
      WHERE g.slug = lower(%({key})s) OR g.name ILIKE %({key}_like)s)""",
        is_typed_by_label=True,
    ),
    FacetDefinition(
        "classification", FacetKind.LIST, _("Classification"),
        {"public": _("Public"), "private": _("Private"), "sensitive": _("Sensitive")},
        typed_pattern=re.compile("public|private|sensitive", re.IGNORECASE), typed_values="public, private or sensitive",
        column="classification",
    ),
    FacetDefinition(
        "tier", FacetKind.VALUE, _("Tier"), {"bronze": _("Bronze"), "silver": _("Silver"), "gold": _("Gold")},
        column="tier", pattern=_FREE_TEXT,
    ),
    FacetDefinition(
        "fresh", FacetKind.AGE, _("Updated"),
        {"1d": _("Within a day"), "7d": _("Within 7 days"), "30d": _("Within 30 days")},
        typed_pattern=AGE, typed_values="an age, for example <1d, 12h or >4w", column="fresh",
    ),
    FacetDefinition(
        "promise", FacetKind.WORD, _("Promises"), {"kept": _("Promises kept"), "broken": _("A promise is broken")},
        typed_pattern=re.compile("kept|broken", re.IGNORECASE), typed_values="kept or broken",
        column="promise", indexed="d.promise <> ''",
    ),
    FacetDefinition(
        "quality", FacetKind.LEAST, _("Quality"),
        {"95": _("95% of rules passed or more"), "80": _("80% of rules passed or more"), "0": _("Any quality result")},
        typed_pattern=re.compile(r"100|\d{1,2}", re.ASCII),
        typed_values="a percentage of rules that passed, for example 95",
        column="quality", indexed="d.quality IS NOT NULL",
    ),
    FacetDefinition(
        "used", FacetKind.LEAST, _("Popularity"),
        {
            "10": _("Requested by 10 teams or more"), "3": _("Requested by 3 teams or more"),
            "1": _("Requested by any team"),
        },
        typed_pattern=re.compile(r"[1-9]\d{0,5}", re.ASCII), typed_values="a number of teams, for example 3",
        column="teams", indexed="d.teams > 0",
    ),
    FacetDefinition(
        "producer", FacetKind.ORIGIN, _("Producer"), typed_name="account",
        chosen="producer IN (SELECT id FROM identity_account WHERE account_id = ANY(%(producer)s))",
        typed="""producer IN (SELECT a.id FROM identity_account a
      WHERE a.account_id = %({key})s OR a.name ILIKE %({key}_like)s)""",
        is_typed_by_label=True,
    ),
    FacetDefinition("region", FacetKind.LIST, _("Region"), column="region"),
    FacetDefinition(
        "format", FacetKind.LIST, _("Format"),
        typed="EXISTS (SELECT FROM unnest(format) AS one WHERE lower(one) = lower(%({key})s))",
        column="format", pattern=_FREE_TEXT,
    ),
    FacetDefinition(
        "tag", FacetKind.LIST, _("LF-Tags"),
        chosen="tag && %(tag)s::text[]", typed="EXISTS (SELECT FROM unnest(tag) AS one WHERE one ILIKE %({key}_tag)s)",
        column="tag", pattern=_TAG,
    ),
    FacetDefinition(
        "access", FacetKind.ACCESS, _("Access"),
        {"have": _("I have access"), "ask": _("I can request it"), "none": _("Not available to me")},
        typed_name="has", typed_pattern=re.compile("access", re.IGNORECASE), typed_values="access",
        typed="access = 'have'", column="access",
    ),
)  # fmt: skip
"""In the order of the page, behind those that `portal.search.views` shows open."""
BY_NAME = {one.name: one for one in DEFINITIONS}
FACETS = tuple(BY_NAME)
AGES = {"1d": 24, "7d": 7 * 24, "30d": 30 * 24}
"""Values of facets by age, in hours."""
STORED = tuple(one for one in DEFINITIONS if one.kind in (FacetKind.VALUE, FacetKind.LIST))
"""Facets whose values are counted in `catalog_facetcount`: each is a column of the document."""
CELLS = tuple(one for one in DEFINITIONS if one.kind in (FacetKind.VALUE, FacetKind.LIST, FacetKind.ACCESS))
"""Facets whose values are their own labels, and columns of `matched`."""
ORIGINS = tuple(one for one in DEFINITIONS if one.kind == FacetKind.ORIGIN)
NESTED = tuple(one for one in DEFINITIONS if one.kind in NESTED_KINDS)
