"""Lineage of a table, product or dataset, jobs with their runs, impact, and datasets to match."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog.browse.tables import get_table
from catalog.lineage.actions import match_dataset
from catalog.lineage.graph import MAX_DEPTH, USUAL_DEPTH, Direction, Lineage, Node, read_lineage, table_node
from catalog.lineage.may import may_match_dataset, sees_failures
from catalog.lineage.models import LineageDataset, LineageJob
from catalog.lineage.queries import (
    find_last_failure,
    get_dataset,
    get_job,
    get_matchable_dataset,
    list_candidates,
    list_runs,
    list_visible_links,
)
from catalog.mirror.models import Table
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError
from portal.charts.chart import Chart, Series
from portal.charts.scale import ChartUnit
from portal.lineage.drawing import build_lineage_view
from portal.lineage.impact_view import build_impact_view
from portal.lineage.lists import JobRow, RunList, build_run_row, format_seconds
from portal.lists.page import render_list
from portal.pages.column_pages import ColumnQuery, read_column_page
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.places import place_page
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person

CHARTED_RUNS = 30
MAX_NAME = 255
MAX_ID_DIGITS = 18


@dataclass(frozen=True)
class LineageParameters:
    """`column` is one column's way, an empty one all columns, None tables."""

    direction: Direction = Direction.BOTH
    depth: int = USUAL_DEPTH
    column: str | None = None

    @classmethod
    def from_query(cls, query: QueryDict) -> "LineageParameters":
        """What makes no sense is as if it were not there."""
        said = query.get("direction", "")
        depth = query.get("depth", "")
        view = query.get("view")
        shows_columns = view == "columns" or ("column" in query and view != "tables")
        return cls(
            Direction(said) if said in set(Direction) else Direction.BOTH,
            min(max(int(depth), 1), MAX_DEPTH)
            if depth.isdecimal() and len(depth) <= len(str(MAX_DEPTH))
            else USUAL_DEPTH,
            query.get("column", "")[:MAX_NAME] if shows_columns else None,
        )

    @property
    def shows_columns(self) -> bool:
        return self.column is not None

    def as_query(self, **changes: str) -> dict[str, str]:
        """Without what is usual."""
        said = {
            "direction": self.direction.value if self.direction != Direction.BOTH else "",
            "depth": str(self.depth) if self.depth != USUAL_DEPTH else "",
            "view": "columns" if self.shows_columns and not self.column else "",
            "column": self.column or "",
            **changes,
        }
        return {name: value for name, value in said.items() if value}

    def address(self, **changes: str) -> str:
        return f"?{urlencode(self.as_query(**changes))}"


@require_GET
@return_404_if_hidden
def table_lineage(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_signed_in_person(request)
    table = get_table(person, pk)
    return render(
        request,
        "portal/lineage/table.html",
        {"table": table, **build_lineage_context(request, person, table)},
    )


@require_GET
@return_404_if_hidden
def impact(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_signed_in_person(request)
    table = get_table(person, pk)
    columns = list(table.columns.values_list("name", flat=True))
    column = request.GET.get("column", "")
    if column and column not in columns:
        raise NotFoundError
    view = build_impact_view(person, table, column)
    context = {"table": table, "columns": columns, "column": column, "view": view}
    return render(request, "portal/lineage/impact.html", context)


@require_GET
@return_404_if_hidden
def dataset(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows the lineage of a dataset without a table; for those who may, the form that matches it."""
    person = get_signed_in_person(request)
    return _render_dataset(request, person, get_dataset(person, pk))


@require_POST
@return_404_if_hidden
def match(request: HttpRequest, pk: int) -> HttpResponse:
    """`table` is a table's id, or empty: to none."""
    person = get_signed_in_person(request)
    matchable_dataset = get_matchable_dataset(person, pk)
    said = request.POST.get("table", "")
    try:
        match_dataset(
            acting_user=person, dataset_id=pk, table_id=_read_table_id(said), now=get_request_time(request)
        )
    except RefusedError as error:
        return _render_dataset(request, person, matchable_dataset, error=error.message, status=422)
    messages.success(request, _("Matched.") if said else _("The dataset is matched to no table."))
    return redirect("lineage-dataset", pk)


@require_GET
@return_404_if_hidden
def job(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_signed_in_person(request)
    found = get_job(person, pk)
    place_page(request, "lineage-jobs", "search")
    shows_errors = sees_failures(person, found)
    failure = find_last_failure(found)
    links = list_visible_links(person, found)
    context = {
        "job": found,
        "row": JobRow(found),
        "chart": _find_run_chart(found),
        "failure": build_run_row(failure, shows_error=shows_errors) if failure else None,
        "shows_errors": shows_errors,
        "inputs": [link.dataset for link in links if not link.is_output],
        "outputs": [link.dataset for link in links if link.is_output],
    }
    return render_list(request, RunList, context, job=found)


def build_lineage_context(request: HttpRequest, person: Person, table: Table) -> dict[str, Any]:
    parameters = LineageParameters.from_query(request.GET)
    lineage = read_table_lineage(person, table, parameters)
    return {
        "parameters": parameters,
        "view": build_lineage_view(lineage, query=parameters.as_query(column="")),
        "columns": read_column_page(
            table,
            table.columns.count(),
            ColumnQuery.parse(request.GET),
            lambda rows: list(rows.values_list("name", flat=True)),
        ),
    }


def read_table_lineage(person: Person, table: Table, parameters: LineageParameters) -> Lineage:
    root = Node(table_node(table.pk), 0, table=table)
    return read_lineage(person, root, parameters.direction, parameters.depth, parameters.column)


def _read_table_id(text: str) -> int | None:
    if text and not (text.isdecimal() and len(text) <= MAX_ID_DIGITS):
        raise RefusedError(_("Choose a table."), "table")
    return int(text) if text else None


def _render_dataset(
    request: HttpRequest, person: Person, found: LineageDataset, *, error: str = "", status: int = 200
) -> HttpResponse:
    parameters = LineageParameters.from_query(request.GET)
    may_match = bool(may_match_dataset(person, found, None))
    text = request.GET.get("q", "")[:200]
    context: dict[str, Any] = {
        "dataset": found,
        "parameters": parameters,
        "may_match": may_match,
        "candidates": list_candidates(person, found, text) if may_match else [],
        "text": text,
        "error": error,
    }
    if found.table is None:
        root = Node(found.pk, 0, dataset=found)
        lineage = read_lineage(person, root, parameters.direction, parameters.depth, parameters.column)
        context["view"] = build_lineage_view(lineage, query=parameters.as_query(column=""))
    return render(request, "portal/lineage/dataset.html", context, status=status)


def _find_run_chart(job: LineageJob) -> Chart | None:
    """Durations of the last runs, oldest first; None for fewer than two."""
    runs = [run for run in list_runs(job)[:CHARTED_RUNS] if run.duration is not None][::-1]
    if len(runs) < 2:  # noqa: PLR2004 - a line
        return None
    latest = format_seconds(runs[-1].duration)
    return Chart(
        key="durations",
        title=_("Duration of the last runs"),
        summary=_("Duration of the last %(n)s runs. The latest took %(latest)s.")
        % {"n": len(runs), "latest": latest},
        axis=_("Run"),
        periods=tuple(date_format(timezone.localtime(run.state_at), "j M, H:i") for run in runs),
        series=(Series(_("Duration"), tuple(run.duration for run in runs)),),
        unit=ChartUnit.DURATION,
    )
