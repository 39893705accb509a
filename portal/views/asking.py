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
from catalog.models import Classification, Column, Domain
from portal.forms.asking import AskForm, Extent, usual_ends
from portal.people import person_of
from portal.prefilled import Prefilled, prefilled
from portal.views.products import in_words
from portal.views.refusals import hides_what_is_not_yours
from requests_app.actions import submit_request
from requests_app.asks import ItemAsk
from requests_app.basket import basket_of, keep_words, put_in_basket, take_out
from requests_app.errors import ForbiddenError, RefusedError
from requests_app.loaders import principals_for
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
    """`do=basket` puts the table into the basket, anything else asks for it; `extends` names a live grant."""
    person, now = person_of(request), clock.now()
    page = table_page(person, pk)
    start = prefilled(person, page, request.GET.get("extends", ""), now)
    bound = request.method == "POST"
    form = AskForm(request.POST if bound else None, principals=principals_for(person), initial=start.values)
    picked = request.POST.getlist("columns") if bound else list(start.columns)
    if bound:
        done = _collected if request.POST.get("do") == "basket" else _submitted
        if answer := done(request, form, page, picked):
            return answer
    context = _context(page, form, picked, now) | _started(start)
    return render(request, "portal/ask.html", context, status=422 if bound else 200)


def _submitted(
    request: HttpRequest, form: AskForm, page: TablePage, picked: list[str]
) -> HttpResponse | None:
    """On to the request; None when the form says what is wrong."""
    if not form.is_valid():
        return None
    person, principal = person_of(request), form.cleaned_data["principal"]
    team = principal.account.team
    try:
        asked = submit_request(
            acting_user=person,
            team=team,
            principal=principal,
            purpose=form.cleaned_data["purpose"],
            ends_at=form.ends_at,
            items=[_item(request, form, page, picked)],
            submission_key=form.cleaned_data["submission_key"],
            now=clock.now(),
        )
    except (RefusedError, ForbiddenError) as error:
        _say(form, error)
        return None
    take_out(person=person, team=team, tables=[page.table.pk])
    messages.success(request, _("Asked. Nothing more to do: this page follows it to the end."))
    return redirect("request", asked.pk)


def _collected(
    request: HttpRequest, form: AskForm, page: TablePage, picked: list[str]
) -> HttpResponse | None:
    """On to the basket, which keeps what was typed, too; None when the form says what is wrong."""
    form.for_the_basket()
    if not form.is_valid():
        return None
    person, said = person_of(request), form.cleaned_data
    team = said["principal"].account.team
    try:
        put_in_basket(person=person, team=team, asks=[_item(request, form, page, picked)], now=clock.now())
    except RefusedError as error:
        _say(form, error)
        return None
    keep_words(
        person=person,
        team=team,
        purpose=said["purpose"] or basket_of(person, team).purpose,
        ends_on=said["ends_on"],
        principal=said["principal"],
    )
    messages.success(request, _("In the basket. Go on collecting, or send it."))
    return redirect("basket", team.slug)


def _say(form: AskForm, error: RefusedError | ForbiddenError) -> None:
    if isinstance(error, ForbiddenError):
        form.add_error(None, str(error))
        return
    form.add_error(FIELD_OF.get(error.field), error.message)
    if error.field == "submission_key":
        form.take_new_key()


def _item(request: HttpRequest, form: AskForm, page: TablePage, picked: list[str]) -> ItemAsk:
    """Ticks stay in the form when the whole table or the metadata are asked for: they count for nothing then."""
    extent = form.chosen_extent
    product = next((p.pk for p in page.products if str(p.pk) == request.POST.get("product")), None)
    if product is None and page.products:
        product = page.products[0].pk
    return ItemAsk(
        page.table.pk,
        tuple(picked) if extent == Extent.COLUMNS else (),
        whole_table=extent == Extent.WHOLE,
        product_id=product,
        row_rule=form.cleaned_data["row_rule"],
        metadata_only=extent == Extent.METADATA,
    )


def _context(page: TablePage, form: AskForm, picked: Collection[str], now: datetime) -> dict[str, object]:
    chosen = set(picked)
    columns = [ColumnChoice(column, column.name in chosen) for column in page.table.columns]
    sensitive = [c for c in columns if c.column.classification == Classification.SENSITIVE]
    whole = form.chosen_extent == Extent.WHOLE
    domain = _domain(page)
    return {
        "page": page,
        "table": page.table,
        "form": form,
        "extent": form.chosen_extent,
        "columns": columns,
        "picked": sum(choice.is_picked for choice in columns),
        "has_sensitive": bool(sensitive),
        "sensitive_picked": bool(sensitive) and (whole or any(c.is_picked for c in sensitive)),
        "principals": form.fields["principal"].queryset,  # type: ignore[attr-defined]
        **days_to_choose(now),
        "domain": domain,
        "wait": in_words(expected_wait(domain)),
    }


def days_to_choose(now: datetime) -> dict[str, object]:
    """For the field of the end: usual days, and the first and last that are allowed."""
    return {
        "ends": usual_ends(now),
        "first_day": now.date(),
        "last_day": (now + timedelta(days=settings.LONGEST_ACCESS_DAYS)).date(),
    }


def _domain(page: TablePage) -> Domain | None:
    """Who decides: the database's domain, else the product's (`requests_app.may.domain_of`)."""
    return page.domain or (page.products[0].domain if page.products else None)


def _started(start: Prefilled) -> dict[str, object]:
    return {"in_basket": start.in_basket, "extends": start.extends}
