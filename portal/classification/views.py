"""The queue of findings, decisions on several of them, and scans."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from catalog.classification.actions import (
    accept_findings,
    build_acceptance,
    change_finding_classes,
    dismiss_findings,
    may_start_scans,
    scannable_tables,
    sees_classification,
    start_scans,
)
from catalog.classification.models import Finding, FindingState
from catalog.classification.queries import list_findings
from catalog.mirror.models import Classification
from catalog.products.models import DataProduct
from catalog.tag_changes.checks import MAX_ASSIGNMENTS, MAX_TEXT
from identity.accounts import Principal
from identity.people.models import Person
from kernel.errors import IllegalTransitionError, NotFoundError, RefusedError
from lakeformation.tagging import AccessChange
from portal.classification.lists import ScanList, build_finding_rows
from portal.lists.page import render_list
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import PageForm, add_refusal, set_choices
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_ids
from portal.pages.signed_in_person import get_signed_in_person

OK, UNPROCESSABLE = 200, 422


class AcceptForm(PageForm):
    hidden_field_names = frozenset({"effects_hash"})
    max_text_length = MAX_TEXT

    reason = forms.CharField(
        max_length=MAX_TEXT, error_messages={"required": gettext_lazy("Give a reason in one sentence.")}
    )
    effects_hash = forms.CharField(max_length=64)


class DismissForm(PageForm):
    max_text_length = MAX_TEXT

    reason = forms.CharField(
        max_length=MAX_TEXT, error_messages={"required": gettext_lazy("Give a reason in one sentence.")}
    )


class ScanForm(PageForm):
    """All tables of a data product, or one table."""

    product = forms.ChoiceField(label=gettext_lazy("All tables of a data product"), required=False)
    table = forms.CharField(
        label=gettext_lazy("Or one table"),
        help_text=gettext_lazy("database.table"),
        widget=forms.TextInput(attrs={"class": "mono"}),
        required=False,
        max_length=511,
        error_messages={"max_length": gettext_lazy("Enter a database and a table, such as sales.orders.")},
    )

    def __init__(self, data: Any, products: Iterable[DataProduct]) -> None:
        super().__init__(data)
        set_choices(
            self, "product", [("", _("choose")), *((product.slug, product.name) for product in products)]
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and bool(cleaned.get("product")) == bool(cleaned.get("table")):
            self.add_error("product", gettext_lazy("Choose a data product or enter a table, not both."))
        return cleaned


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
    """Changes the class of the chosen findings; then their effects are shown again."""
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
    """Lists the findings that are open and that the person decides on; and how many are left out."""
    found = list_findings(person).filter(pk__in=ids, state=FindingState.OPEN)
    rows = [row for row in build_finding_rows(person, found) if row.may_decide]
    return {"rows": rows, "left_out": len(ids) - len(rows)}


def _start(request: HttpRequest, person: Person, form: ScanForm) -> bool:
    said = form.cleaned_data
    tables, field = (
        scannable_tables(person).filter(tombstoned_at=None),
        "product" if said["product"] else "table",
    )
    if field == "product":
        tables = tables.filter(products__slug=said["product"])
    else:
        # Of this name, `database.table`, in every catalog.
        database, _dot, name = said["table"].strip().partition(".")
        tables = tables.filter(database__name=database, name=name, database__tombstoned_at=None)
    ids = list(tables.values_list("pk", flat=True))
    try:
        started = start_scans(acting_user=person, table_ids=ids, now=get_request_time(request))
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
class AccessRow:
    """What one role gains and loses of one table."""

    change: AccessChange
    principal: Principal | None

    @property
    def name(self) -> str:
        return self.principal.name if self.principal else self.change.principal.rsplit("/", 1)[-1]
