"""Proposed tag changes: the list, the form, the page of one, and decisions on it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from catalog.browse.products import get_product
from catalog.browse.tables import get_table
from catalog.mirror.models import Column, Table
from catalog.tag_changes.kind import TAG_CHANGE
from catalog.tag_changes.may import may_propose_tag_change
from catalog.tag_changes.models import TagChange
from catalog.tag_changes.queries import list_tag_changes
from catalog.tag_changes.tag_keys import visible_tag_keys
from identity.people.models import Person
from kernel.errors import (
    NotFoundError,
    require_allowed,
)
from lakeformation.tagging import TagTarget
from portal.decisions.declaration import DecisionPage
from portal.decisions.views import DecisionViews
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.pagination import build_pager
from portal.pages.post_fields import get_action
from portal.pages.signed_in_person import get_signed_in_person
from portal.tag_changes.forms import AssignmentForm
from portal.tag_changes.presenters import (
    build_effects_view,
    build_tag_change_details,
    build_tag_change_row,
)
from portal.tag_changes.proposals import PREVIEW, PROPOSE, Proposal, ProposalResult, handle_proposal

MAX_ID_DIGITS = 18
PAGE_SIZE = 50
OK, UNPROCESSABLE = 200, 422
PROPOSED = gettext_lazy("Proposed. Whoever has to approve it was notified.")


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    page = Paginator(list_tag_changes(get_signed_in_person(request)), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {"rows": [build_tag_change_row(one) for one in page], "pager": build_pager(page)}
    return render(request, "portal/tag_changes/list.html", context)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new(request: HttpRequest) -> HttpResponse:
    """Assigns a tag to the `table` or `product` in the query string; `key` there is the key to assign."""
    person = get_signed_in_person(request)
    product = request.GET.get("product", "")
    tables = _find_tables(person, table=request.GET.get("table", ""), product=product)
    if not tables:
        raise NotFoundError
    catalog = tables[0].database.catalog
    teams = {table.database.domain.owner_team_id for table in tables if table.database.domain}
    require_allowed(may_propose_tag_change(person, teams, defines=False))
    keys = list(visible_tag_keys(person).filter(catalog=catalog))
    name = request.GET.get("key", "")
    key = next((one for one in keys if one.key == name), keys[0] if keys else None)
    # A database is offered with its first table alone: two choices of one name would say the same.
    columns: dict[int, list[Column]] = {table.pk: [] for table in tables}
    for column in Column.objects.filter(table__in=tables).order_by("position"):
        columns[column.table_id].append(column)
    targets = [_build(table, columns[table.pk], key.key if key else "") for table in tables]
    form = AssignmentForm(
        request.POST or None,
        key=key.key if key else "",
        values=key.values if key else (),
        targets=[(choice.code, choice.target) for choice in _list_choices(targets)],
    )
    do, result = get_action(request, PREVIEW, PROPOSE), ProposalResult()
    if form.is_bound and form.is_valid():
        proposal = Proposal(catalog, form.build_assignments())
        result = handle_proposal(person, form, proposal, do, assignments="targets")
    if result.made:
        messages.success(request, str(PROPOSED))
        return redirect("tag-change", result.made.pk)
    context = {
        "form": form,
        "keys": keys,
        "key": key,
        "tables": targets,
        "product": product,
        "chosen": form["targets"].value() or (),
        "effects": _show_effects(catalog, result),
    }
    status = UNPROCESSABLE if form.is_bound and form.errors else OK
    return render(request, "portal/tag_changes/new.html", context, status=status)


def _show_effects(catalog: Any, result: ProposalResult) -> Any:
    if result.effects is None:
        return None
    said = result.effects
    return build_effects_view(TagChange(catalog=catalog), said.to_json(), said.digest(), is_open=True)


class TagChangePage(DecisionPage):
    """What is refused is shown on the page again, with the effects as they are now."""

    kind = TAG_CHANGE
    detail_template = "portal/tag_changes/detail.html"
    done = {
        "approve": gettext_lazy("Approved."),
        "reject": gettext_lazy("Rejected. Nothing changes."),
        "withdraw": gettext_lazy("Withdrawn. Nothing changes."),
    }

    def build_context(self, row: TagChange) -> Mapping[str, Any]:
        return {"change": row, "details": build_tag_change_details(self.person, row)}


pages = DecisionViews(TagChangePage)
detail, decide = pages.make_view("detail", "GET"), pages.make_view("decide", "POST")


@dataclass(frozen=True)
class TargetChoice:
    """`code` names it in the form; `value` is what it carries of the key now."""

    code: str
    target: TagTarget
    value: str

    @property
    def label(self) -> str:
        return self.target.column or self.target.table or self.target.database


@dataclass(frozen=True)
class TableTargets:
    """A table with its database and columns."""

    table: Table
    database: TargetChoice
    whole: TargetChoice
    columns: tuple[TargetChoice, ...]


def _find_tables(person: Person, *, table: str, product: str) -> list[Table]:
    """Live tables of one catalog. NotFoundError."""
    if product:
        tables = get_product(person, product).tables.filter(tombstoned_at=None)
        rows = list(
            tables.select_related("database__catalog__account").order_by("database__name", "name", "pk")
        )
        return [row for row in rows if row.database.catalog_id == rows[0].database.catalog_id]
    found = get_table(person, int(table)) if table.isdecimal() and len(table) <= MAX_ID_DIGITS else None
    if found is None or found.tombstoned_at is not None:
        raise NotFoundError
    return [found]


def _build(table: Table, columns: Sequence[Column], key: str) -> TableTargets:
    name = table.database.name
    return TableTargets(
        table,
        TargetChoice(f"d{table.database_id}", TagTarget(name), table.database.tags.get(key, "")),
        TargetChoice(f"t{table.pk}", TagTarget(name, table.name), table.tags.get(key, "")),
        tuple(
            TargetChoice(
                f"t{table.pk}.{column.name}",
                TagTarget(name, table.name, column.name),
                column.tags.get(key, ""),
            )
            for column in columns
        ),
    )


def _list_choices(found: Sequence[TableTargets]) -> Iterator[TargetChoice]:
    for table_targets in found:
        yield table_targets.database
        yield table_targets.whole
        yield from table_targets.columns
