"""The queue of findings, decisions on several of them, and scans."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.classification.actions import (
    accept_findings,
    build_acceptance,
    change_finding_classes,
    dismiss_findings,
    may_accept_findings,
    may_start_scans,
    scannable_tables,
    sees_classification,
    start_scans,
)
from catalog.classification.models import KIND_LABELS, Finding, FindingState
from catalog.classification.queries import describe_evidence, list_findings
from catalog.mirror.models import Classification, Column, Table
from catalog.products.models import DataProduct, Domain
from catalog.tag_changes.checks import MAX_ASSIGNMENTS
from identity.accounts import Principal
from identity.people.models import Person
from identity.role_changes.bars import get_bar_reason
from kernel.errors import IllegalTransitionError, NotFoundError, RefusedError
from lakeformation.tagging import AccessChange
from portal.classification.forms import AcceptForm, DismissForm, FilterForm, ScanForm
from portal.classification.lists import ScanList
from portal.lists.page import render_list
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import PageForm, add_refusal
from portal.pages.pagination import build_pager
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_ids
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.display_states.vocabulary import DisplayState
from requests_app.display_states.work_states import FINDING_STATES

PAGE_SIZE = 50
OK, UNPROCESSABLE = 200, 422


@require_GET
@return_404_if_hidden
def queue(request: HttpRequest) -> HttpResponse:
    """With `select=all`, every finding that is shown is selected: it works without JavaScript."""
    person = _get_reader(request)
    tables = scannable_tables(person).exclude(findings=None)
    filter_domains = list(Domain.objects.filter(databases__tables__in=tables).distinct().order_by("name"))
    form = FilterForm(request.GET.dict(), filter_domains, _list_filter_products(person))
    page = Paginator(list_findings(person, form.wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = _build_finding_rows(person, page)
    context = {
        "rows": rows,
        "form": form,
        "count": page.paginator.count,
        "may_decide": any(row.may_decide for row in rows),
        "barred": next((row.barred for row in rows if row.barred), ""),
        "all_selected": request.GET.get("select") == "all",
        "select_all_url": f"?{urlencode({**form.query, 'page': page.number, 'select': 'all'})}",
        "select_none_url": f"?{urlencode({**form.query, 'page': page.number})}",
        "pager": build_pager(page, urlencode(form.query)),
    }
    return render(request, "portal/classification/queue.html", context)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def accept(request: HttpRequest) -> HttpResponse:
    """The effects of accepting the chosen findings, and the proposal."""
    person, ids = _get_reader(request), _parse_ids(request)
    form = AcceptForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            change = accept_findings(
                acting_user=person, finding_ids=ids, now=get_request_time(request), **form.cleaned_data
            )
        except RefusedError as error:
            add_refusal(form, error, effects_hash="", assignments="", findings="")
        except IllegalTransitionError:
            form.add_error(None, _describe_decided())
        else:
            messages.success(request, _("Proposed. The data owners decide; nothing changes before."))
            return redirect("tag-change", change.pk)
    chosen = _list_chosen(person, ids)
    findings: list[Finding] = [row.finding for row in chosen["rows"]]
    context: dict[str, Any] = {"form": form, "classes": Classification.choices, **chosen}
    if findings:
        try:
            acceptance = build_acceptance(person, findings)
        except RefusedError as error:
            context["refusal"] = error.message
        else:
            context["effects_hash"] = acceptance.effects.digest()
            found = Principal.objects.filter(
                arn__in={one.principal for one in acceptance.effects.access}, gone_at=None
            )
            principals = {one.arn: one for one in found.select_related("account")}
            access_rows = [AccessRow(one, principals.get(one.principal)) for one in acceptance.effects.access]
            context["access_rows"] = access_rows
    return _render(request, "portal/classification/accept.html", context, form)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def dismiss(request: HttpRequest) -> HttpResponse:
    person, ids = _get_reader(request), _parse_ids(request)
    form = DismissForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            done = dismiss_findings(
                acting_user=person, finding_ids=ids, now=get_request_time(request), **form.cleaned_data
            )
        except RefusedError as error:
            add_refusal(form, error, findings="")
        except IllegalTransitionError:
            form.add_error(None, _describe_decided())
        else:
            words = ngettext("%(n)s finding dismissed.", "%(n)s findings dismissed.", len(done))
            messages.success(request, words % {"n": len(done)})
            return redirect("classification")
    context = {"form": form, **_list_chosen(person, ids)}
    return _render(request, "portal/classification/dismiss.html", context, form)


@require_POST
@return_404_if_hidden
def change_class(request: HttpRequest) -> HttpResponse:
    """Of the chosen findings; then their effects are shown again."""
    person, ids = _get_reader(request), _parse_ids(request)
    said = request.POST.get("proposed_class", "")
    try:
        change_finding_classes(
            acting_user=person, finding_ids=ids, proposed_class=said, now=get_request_time(request)
        )
    except RefusedError as error:
        messages.error(request, error.message)
    except IllegalTransitionError:
        messages.error(request, _describe_decided())
    else:
        messages.success(request, _("Class changed. Check the effects below."))
    return redirect(f"{reverse('classification-accept')}?{urlencode({'finding': ids}, doseq=True)}")


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def scans(request: HttpRequest) -> HttpResponse:
    person = _get_reader(request)
    tables = scannable_tables(person)
    products = list(
        DataProduct.objects.filter(tables__in=tables, retired_at=None).distinct().order_by("name")
    )
    form = ScanForm(request.POST if request.method == "POST" else None, products)
    if form.is_bound and form.is_valid() and _start(request, person, form):
        return redirect("classification-scans")
    table = scannable_tables(person).select_related("database__domain").filter(tombstoned_at=None).first()
    may_start = table is not None and bool(may_start_scans(person, table))
    context = {"form": form, "products": products, "may_start": may_start}
    return render_list(request, ScanList, context, status=UNPROCESSABLE if form.is_bound else OK)


def _get_reader(request: HttpRequest) -> Person:
    person = get_signed_in_person(request)
    if not sees_classification(person):
        raise NotFoundError
    return person


def _parse_ids(request: HttpRequest) -> list[int]:
    said = request.POST if request.method == "POST" else request.GET
    return parse_ids(said.getlist("finding"))[:MAX_ASSIGNMENTS]


def _list_chosen(person: Person, ids: Sequence[int]) -> dict[str, Any]:
    """Those that are open and that the person decides on; and how many are left out."""
    found = list_findings(person).filter(pk__in=ids, state=FindingState.OPEN)
    rows = [row for row in _build_finding_rows(person, found) if row.may_decide]
    return {"rows": rows, "left_out": len(ids) - len(rows)}


def _start(request: HttpRequest, person: Person, form: ScanForm) -> bool:
    said = form.cleaned_data
    field = "product" if said["product"] else "table"
    find = _list_product_table_ids if field == "product" else _find_table_ids
    try:
        started = start_scans(
            acting_user=person, table_ids=find(person, said[field]), now=get_request_time(request)
        )
    except RefusedError as error:
        form.add_error(field, error.message)
        return False
    words = ngettext("%(n)s scan started.", "%(n)s scans started.", len(started))
    messages.success(request, words % {"n": len(started)})
    return True


def _describe_decided() -> str:
    return _("One of these findings was decided in the meantime. Nothing was changed.")


def _render(request: HttpRequest, template: str, context: dict[str, Any], form: PageForm) -> HttpResponse:
    return render(request, template, context, status=UNPROCESSABLE if form.is_bound else OK)


@dataclass(frozen=True)
class FindingRow:
    """`classification` is the column's present class; `may_decide`: the finding is open and the person decides on it."""

    finding: Finding
    kind: str
    evidence: Sequence[str]
    classification: str
    may_decide: bool
    barred: str

    @property
    def display_state(self) -> DisplayState:
        return FINDING_STATES[self.finding.state]

    @property
    def percent(self) -> int:
        return round(self.finding.score * 100)


@dataclass(frozen=True)
class AccessRow:
    """What one role gains and loses of one table."""

    change: AccessChange
    principal: Principal | None

    @property
    def name(self) -> str:
        return self.principal.name if self.principal else self.change.principal.rsplit("/", 1)[-1]


def _build_finding_rows(person: Person, findings: Iterable[Finding]) -> list[FindingRow]:
    rows = list(findings)
    tables = {one.table_id: one.table for one in rows}
    decides = {pk: may_accept_findings(person, table) for pk, table in tables.items()}
    columns = Column.objects.filter(table__in=tables, name__in={one.column for one in rows})
    classes = {(pk, name): said for pk, name, said in columns.values_list("table", "name", "classification")}
    labels = {kind.value: label for kind, label in KIND_LABELS.items()}
    return [
        FindingRow(
            one,
            str(labels[one.kind]),
            describe_evidence(one),
            classes.get((one.table_id, one.column), ""),
            one.state == FindingState.OPEN and bool(decides[one.table_id]),
            get_bar_reason(decides[one.table_id]) if one.state == FindingState.OPEN else "",
        )
        for one in rows
    ]


def _list_filter_products(person: Person) -> list[DataProduct]:
    """Those with findings."""
    tables = scannable_tables(person).exclude(findings=None)
    return list(DataProduct.objects.filter(tables__in=tables).distinct().order_by("name"))


def _list_product_table_ids(person: Person, slug: str) -> list[int]:
    live = scannable_tables(person).filter(products__slug=slug, tombstoned_at=None)
    return list(live.values_list("pk", flat=True))


def _find_table_ids(person: Person, name: str) -> list[int]:
    """Tables of this name, `database.table`, in every catalog."""
    database, _dot, table = name.strip().partition(".")
    rows: Iterable[Table] = scannable_tables(person).filter(
        database__name=database, name=table, tombstoned_at=None, database__tombstoned_at=None
    )
    return [one.pk for one in rows]
