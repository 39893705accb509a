"""What the editor of a data product shows: its form, the pickers of tables and products, columns, offers, and the rules that it meets."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, When
from django.utils.translation import gettext as _

from catalog.classification.queries import list_unclassified_personal_columns
from catalog.glossary.models import Term
from catalog.glossary.queries import list_links_of_tables
from catalog.mirror.models import Column, Table
from catalog.products.models import DataProduct
from catalog.products.offers.models import OfferState
from catalog.products.offers.queries import list_editable_offers, list_offering_domains
from catalog.publication_rules.rules import RuleResult
from catalog.revisions.actions import list_choosable_inputs
from catalog.revisions.content import compute_state_digest, parse_content, read_content
from catalog.revisions.models import ProductRevision
from catalog.revisions.queries import get_draft, list_possible_owners
from catalog.revisions.rule_results import DERIVATION_RULES, check_draft
from catalog.revisions.versions import list_choosable_tables
from catalog.tag_changes.may import may_propose_tag_change
from identity.people.models import Person
from kernel.errors import RefusedError
from portal.offers.presenters import build_offer_summary
from portal.pages.row_ids import parse_ids
from portal.product_editing.forms import ProductForm, get_initial_values

FIND_TABLES, PICK, FIND_INPUTS = "find-tables", "pick", "find-inputs"
PICKER_ACTIONS = (FIND_TABLES, PICK, FIND_INPUTS)
"""They show tables that match, check all that match, and show data products that match."""
MAX_LENGTH, MAX_FOUND, MAX_SUGGESTIONS, MAX_PICKED, MAX_COLUMNS = 400, 12, 200, 2000, 8


@dataclass(frozen=True)
class Found:
    """Rows that may be checked, and how many more match."""

    rows: Sequence[Any]
    more_count: int


class Editor:
    """The product with its draft, for a person who may edit it. `sent` is what the form sent."""

    def __init__(self, person: Person, product: DataProduct, sent: Mapping[str, Any]) -> None:
        self.person, self.product, self.sent = person, product, sent
        self.draft, self._own = get_draft(product), read_content(product)
        self.content = parse_content(self.draft.content, self._own) if self.draft else self._own
        self.tables_text = sent.get("pick", "")[:MAX_LENGTH]
        self.inputs_text = sent.get("inputs_q", "")[:MAX_LENGTH]

    @cached_property
    def based_on(self) -> str:
        return compute_state_digest(self.product, self.draft)

    @cached_property
    def inputs(self) -> QuerySet[DataProduct]:
        return list_choosable_inputs(self.person, self.product)

    @cached_property
    def hidden_inputs(self) -> frozenset[int]:
        """Those that are chosen already and not shown to the person; they stay."""
        chosen = self.content.inputs
        return frozenset(chosen) - set(self.inputs.filter(pk__in=chosen).values_list("pk", flat=True))

    def build_form(self, data: Any, initial: dict[str, Any] | None = None) -> ProductForm:
        """With no other choices than what is chosen, saved, or sent: the rest is found by the pickers."""
        note = self.draft.note if self.draft else ""
        start = initial or get_initial_values(self.content, note, self.based_on)
        tables = {*self.content.tables, *_read_ids(data, "tables"), *map(int, start.get("tables") or ())}
        inputs = {*self.content.inputs, *_read_ids(data, "inputs"), *map(int, start.get("inputs") or ())}
        return ProductForm(
            data,
            owners=self.list_owners(),
            tables=list(list_choosable_tables(self.product).filter(pk__in=tables)),
            inputs=list(self.inputs.filter(pk__in=inputs)),
            initial=start,
        )

    def list_owners(self) -> list[Person]:
        """Who can be chosen, with the present owner, who may have left the team."""
        others = list_possible_owners(self.product.domain)
        return [self.product.owner, *(person for person in others if person.pk != self.product.owner_id)]

    def run_picker(self, form: ProductForm, action: str) -> ProductForm:
        """The form as typed; nothing is saved."""
        values, problem, picked_ids = form.get_values(), "", list[int]()
        for name in ("tables", "inputs"):
            values[name] = parse_ids(map(str, values[name] or ()))
        if action == PICK:
            try:
                picked_ids = pick_tables(self.tables_text, list_choosable_tables(self.product)[:MAX_PICKED])
            except RefusedError as error:
                problem = error.message
        values["tables"] = list(dict.fromkeys([*values["tables"], *picked_ids]))
        picked = self.build_form(None, values)
        picked.pick_error = problem
        return picked

    def find_tables(self, chosen: Sequence[int]) -> Found:
        """Those whose database, name or LF-Tag contains each word; without a word the first ones, where none is chosen."""
        if chosen and not self.tables_text:
            return Found((), 0)
        rows = list_choosable_tables(self.product).exclude(pk__in=chosen)
        for word in self.tables_text.replace("\x00", "").split():
            key, sign, value = word.partition("=")
            is_tagged = Q(tags__contains={key: value}) if sign else Q(pk__in=[])
            rows = rows.filter(Q(name__icontains=word) | Q(database__name__icontains=word) | is_tagged)
        return _take(rows)

    def find_inputs(self, chosen: Sequence[int]) -> Found:
        """Data products whose name or domain contains each word; none without a word."""
        words = self.inputs_text.replace("\x00", "").split()
        rows = self.inputs.exclude(pk__in=chosen) if words else self.inputs.none()
        for word in words:
            rows = rows.filter(Q(name__icontains=word) | Q(domain__name__icontains=word))
        return _take(rows)

    def list_suggestions(self) -> list[str]:
        """Databases and LF-Tags of the tables that may be chosen."""
        databases, tags = set[str](), set[str]()
        rows = list_choosable_tables(self.product).values_list("database__name", "tags")
        for database, assigned in rows[:MAX_PICKED]:
            databases.add(database)
            tags.update(f"{key}={value}" for key, value in assigned.items())
        return [*sorted(databases), *sorted(tags)][:MAX_SUGGESTIONS]


def _take(rows: QuerySet[Any]) -> Found:
    return Found(list(rows[:MAX_FOUND]), max(rows.count() - MAX_FOUND, 0))


def _read_ids(data: Any, name: str) -> list[int]:
    return parse_ids(data.getlist(name)) if data else []


def pick_tables(text: str, tables: QuerySet[Table]) -> list[int]:
    """Ids of the tables in the named database, or that carry all of the LF-Tags: `tier=gold line=life,health`. RefusedError
    at `pick` for none.
    """
    words = text.split()
    if not words:
        raise RefusedError(_("Enter the name of a database, or LF-Tags such as tier=gold."), "pick")
    conditions = []
    for word in words:
        key, sign, values = word.partition("=")
        conditions.append((key, frozenset(values.split(","))) if sign else ("", frozenset({word})))
    matching = [
        pk
        for pk, database, tags in tables.values_list("pk", "database__name", "tags")
        if all((tags.get(key) if key else database) in values for key, values in conditions)
    ]
    if not matching:
        raise RefusedError(_("No table of the domain matches “%(text)s”.") % {"text": text.strip()}, "pick")
    return matching


@dataclass(frozen=True)
class ProductColumn:
    """`hint` is the kind of personal data that was detected in a column without a class."""

    column: Column
    terms: Sequence[Term]
    hint: str


@dataclass(frozen=True)
class ColumnSection:
    """Columns without a class come first."""

    columns: Sequence[ProductColumn]
    total: int
    unclassified_count: int


def build_column_section(tables: Sequence[Table]) -> ColumnSection:
    """Four queries."""
    rows = Column.objects.filter(table__in=tables, table__tombstoned_at=None)
    is_open = Case(When(classification="", then=0), default=1, output_field=IntegerField())
    shown = list(rows.select_related("table").order_by(is_open, "table__name", "position")[:MAX_COLUMNS])
    terms: dict[tuple[int | None, str], list[Term]] = defaultdict(list)
    for link in list_links_of_tables(tables):
        terms[link.table_id, link.column].append(link.term)
    kinds = {
        (finding.table_id, finding.column): str(finding.get_kind_display())
        for finding in list_unclassified_personal_columns(tables)
    }
    return ColumnSection(
        [
            ProductColumn(
                column, terms[column.table_id, column.name], kinds.get((column.table_id, column.name), "")
            )
            for column in shown
        ],
        rows.count(),
        rows.filter(classification="").count(),
    )


def build_rules_context(
    person: Person, product: DataProduct, draft: ProductRevision | None, now: datetime
) -> dict[str, Any]:
    """The rules that the draft meets, or the product itself where there is none."""
    results = check_draft(person, product, draft, now)
    return {
        "results": results,
        "is_derived": any(result.key in DERIVATION_RULES for result in results),
        "met_count": sum(result.is_met for result in results),
        "unmet_count": sum(not result.is_met for result in results),
    }


SECTIONS: Mapping[str, Sequence[str]] = {
    "data": ("tables", "own_tables", "tier"),
    "description": ("description", "description_words", "keywords"),
    "people": ("active_owner", "support"),
    "columns": ("classified_columns", "classified_personal_columns", *DERIVATION_RULES[:1]),
    "promises": (
        "support_hours", "answer_hours", "freshness_hours", "completeness_percent", "availability_percent",
        "quality_percent", "retention",
    ),
    "examples": ("sql_example", "python_example"),
    "terms": ("terms",),
    "offers": (),
    "links": (),
    "inputs": DERIVATION_RULES[1:],
}  # fmt: skip
"""Parts of the editor, with the keys of the rules that are about them."""


@dataclass(frozen=True)
class SectionLink:
    """`is_met` is None where no rule is about the section."""

    name: str
    label: str
    is_met: bool | None


def build_section_links(results: Sequence[RuleResult]) -> list[SectionLink]:
    labels = {
        "data": _("Data"), "description": _("Description"), "people": _("People"), "columns": _("Columns"),
        "promises": _("Promises"), "examples": _("Examples"), "terms": _("Terms of use"), "offers": _("Offers"),
        "links": _("Links"), "inputs": _("Made from"),
    }  # fmt: skip
    links = []
    for name, keys in SECTIONS.items():
        results_of_section = [result.is_met for result in results if result.key in keys]
        links.append(SectionLink(name, labels[name], all(results_of_section) if results_of_section else None))
    return links


def build_editor_context(editor: Editor, form: ProductForm, now: datetime) -> dict[str, Any]:
    """After a conflict, the next attempt is based on what is there now."""
    product, person = editor.product, editor.person
    chosen_tables = parse_ids(map(str, form["tables"].value() or ()))
    chosen_inputs = parse_ids(map(str, form["inputs"].value() or ()))
    tables = list(list_choosable_tables(product).filter(pk__in=chosen_tables))
    rules = build_rules_context(person, product, editor.draft, now)
    domains = list_offering_domains(person, product, tables)
    return {
        "product": product,
        "form": form,
        "sections": form.sections,
        "section_links": build_section_links(rules["results"]),
        "draft": editor.draft,
        "based_on": editor.based_on,
        "tables": tables,
        "found_tables": editor.find_tables(chosen_tables),
        "pick": editor.tables_text,
        "pick_suggestions": editor.list_suggestions(),
        "max_pick_length": MAX_LENGTH,
        "inputs": list(editor.inputs.filter(pk__in=chosen_inputs)),
        "found_inputs": editor.find_inputs(chosen_inputs),
        "inputs_q": editor.inputs_text,
        "columns": build_column_section(tables),
        "may_change_tags": bool(
            may_propose_tag_change(person, [product.domain.owner_team_id], defines=False)
        ),
        "may_offer": bool(domains),
        "offers": [
            build_offer_summary(version)
            for offer in list_editable_offers(product, domains)
            for version in offer.versions.all()
            if version.state != OfferState.RETIRED
        ],
        **rules,
    }
