"""Asking for access to a table: three fields, most of them filled in; nothing typed is ever lost."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from catalog.browse import TablePage, table_page
from catalog.models import Classification, Column
from identity.models import Person
from portal.forms.asking import AskForm, first_values, usual_ends
from portal.people import person_of
from portal.views.products import in_words
from portal.views.refusals import hides_what_is_not_yours
from requests_app.actions import submit_request
from requests_app.asks import ItemAsk
from requests_app.errors import ForbiddenError, RefusedError
from requests_app.loaders import principals_for, requests_of
from requests_app.models import AccessRequest
from requests_app.review import expected_wait

FIELD_OF = {"purpose": "purpose", "ends_at": "ends_on", "principal": "principal", "row_rule": "row_rule"}
"""The verb names its arguments; the form its fields. What has no field of its own stands above the form."""


@dataclass(frozen=True)
class ColumnChoice:
    column: Column
    is_picked: bool


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    person, now = person_of(request), clock.now()
    page = table_page(person, pk)
    principals = principals_for(person)
    bound = request.method == "POST"
    form = AskForm(
        request.POST if bound else None,
        principals=principals,
        initial=first_values(principals, _last_principal(person), now),
    )
    picked = request.POST.getlist("columns") if bound else usual_columns(page)
    if bound and form.is_valid():
        asked = _submitted(request, form, page, picked)
        if asked:
            messages.success(request, _("Asked. Nothing more to do: this page follows it to the end."))
            return redirect("request", asked.pk)
    context = _context(page, form, picked, now)
    return render(request, "portal/ask.html", context, status=422 if bound else 200)


def _last_principal(person: Person) -> int | None:
    return requests_of(person).values_list("principal", flat=True).first()


def usual_columns(page: TablePage) -> list[str]:
    """All but the sensitive ones, which one ticks on purpose."""
    return [c.name for c in page.table.columns if c.classification != Classification.SENSITIVE]


def _submitted(
    request: HttpRequest, form: AskForm, page: TablePage, picked: list[str]
) -> AccessRequest | None:
    principal = form.cleaned_data["principal"]
    product = next((p.pk for p in page.products if str(p.pk) == request.POST.get("product")), None)
    if product is None and page.products:
        product = page.products[0].pk
    try:
        return submit_request(
            acting_user=person_of(request),
            team=principal.account.team,
            principal=principal,
            purpose=form.cleaned_data["purpose"],
            ends_at=form.ends_at,
            items=[_item(form, page, picked, product)],
            submission_key=form.cleaned_data["submission_key"],
            now=clock.now(),
        )
    except RefusedError as error:
        form.add_error(FIELD_OF.get(error.field), error.message)
        if error.field == "submission_key":
            form.take_new_key()
    except ForbiddenError as error:
        form.add_error(None, str(error))
    return None


def _item(form: AskForm, page: TablePage, picked: list[str], product: int | None) -> ItemAsk:
    """Ticks stay in the form when the metadata alone are asked for: they count for nothing then."""
    metadata_only = form.cleaned_data["metadata_only"]
    return ItemAsk(
        page.table.pk,
        () if metadata_only else tuple(picked),
        whole_table=False,
        product_id=product,
        row_rule=form.cleaned_data["row_rule"],
        metadata_only=metadata_only,
    )


def _context(page: TablePage, form: AskForm, picked: Collection[str], now: datetime) -> dict[str, object]:
    columns = [ColumnChoice(column, column.name in set(picked)) for column in page.table.columns]
    domain = page.products[0].domain if page.products else page.domain
    return {
        "page": page,
        "table": page.table,
        "form": form,
        "columns": columns,
        "picked": sum(choice.is_picked for choice in columns),
        "has_sensitive": any(c.column.classification == Classification.SENSITIVE for c in columns),
        "sensitive_picked": any(
            c.is_picked and c.column.classification == Classification.SENSITIVE for c in columns
        ),
        "principals": form.fields["principal"].queryset,  # type: ignore[attr-defined]
        "ends": usual_ends(now),
        "first_day": now.date(),
        "last_day": (now + timedelta(days=settings.LONGEST_ACCESS_DAYS)).date(),
        "domain": domain,
        "wait": in_words(expected_wait(domain)),
    }
