"""Request access to a table, or add it to the basket."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.browse.tables import TablePage, build_table_page
from catalog.mirror.models import Classification, ColumnFacts
from catalog.products.offers.models import OfferVersion
from identity.people.models import Person
from kernel.errors import ForbiddenError, RefusedError
from lakeformation.values.row_filters import OPERATORS, RowFilterError, add_condition
from portal.api.fields import IdIn, optional
from portal.offers.presenters import OfferSummary, build_offer_summaries
from portal.pages.column_pages import (
    ColumnChoice,
    build_column_picker,
    encode_names,
    is_picker_action,
    parse_picked_columns,
)
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import set_choices
from portal.pages.partials import is_fragment_request, render_page_or_fragment
from portal.pages.post_fields import get_action, get_text_field
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from portal.pages.signed_in_person import get_signed_in_person
from portal.product_lifecycle.presenters import build_table_banner, takes_requests
from portal.request_form.forms import FORM_FIELDS, TableForm, list_end_date_choices
from portal.request_form.initial_values import (
    EARLIER_PURPOSE,
    InitialValues,
    add_join,
    build_end_date_context,
    get_initial_values,
    parse_typed_values,
)
from portal.request_form.offer import (
    OfferConstraints,
    apply_offer,
    build_offer_constraints,
    get_chosen_end,
    get_offer_version,
    get_published_version,
    list_unavailable_columns,
    parse_accepted_terms,
    parse_row_values,
)
from portal.request_form.preview import TableFormValues, preview_table_form, render_preview
from portal.request_form.required_information import get_required_fields, parse_provided_information
from portal.request_form.row_values import describe_row_count, list_column_values, merge_ticked_values
from portal.request_form.target_input import TargetInput, get_id
from requests_app.access_requests.queries import list_earlier_purposes
from requests_app.grants.coverage import describe_waiting_principals
from requests_app.grants.queries import find_column_holders
from requests_app.policy_engine.request_texts import TEXT_NAMES, get_texts, parse_texts
from requests_app.submission.actions import submit_access_request
from requests_app.submission.basket import add_to_basket, get_basket, remove_from_basket, save_basket_form
from requests_app.targets.recipients import list_recipients
from requests_app.targets.single_tables import WholeTable

SHOWN_FIELDS = frozenset({*TEXT_NAMES, "ends_on", "hours"})
"""Fields that the form of an extension shows, with their errors; errors of the others appear above it."""
ADD_CONDITION = "add-condition"
"""The action of the form that adds a condition. It requests nothing."""


class TableInput(TargetInput):
    kind = parameter = "table"
    members = {"table": partial(optional, IdIn, help_text="of the kind `table`")}

    def render_form(self, request: HttpRequest) -> HttpResponse:
        return request_table(request, get_id(request, self.parameter))


def request_table(request: HttpRequest, pk: int) -> HttpResponse:
    """`do=basket` puts the table into the basket, `do=add-condition` adds to the row filter, else it is requested; `extends`
    names a live grant, which has a form of its own, `combine` the product by slug that the table is combined with, `offer` the version
    of an offer, `data_product` the product by slug.
    """
    person, now = get_signed_in_person(request), get_request_time(request)
    page = build_table_page(person, pk)
    recipients = list_recipients(person)
    typed, columns = request.POST, page.table.row.column_facts
    request.POST = merge_ticked_values(typed, columns)  # type: ignore[assignment]
    start = get_initial_values(person, page, request.GET.get("extends", ""), recipients, now)
    start = add_join(person, start, page, request.GET.get("combine", ""))
    version = _get_version(request, start)
    action = get_action(request, "ask", "basket", ADD_CONDITION)
    picks = is_picker_action(request) or EARLIER_PURPOSE in request.POST
    bound = request.method == "POST" and action != ADD_CONDITION and not picks
    condition = RowConditionForm(columns)
    if action == ADD_CONDITION:
        changed = _build_changed_values(request, start, columns, has_ticks=typed is not request.POST)
        start, condition = changed.start, changed.condition
    elif picks:
        closed = list_unavailable_columns(version, page) if version else ()
        picked = parse_picked_columns(request.POST, columns, unavailable=closed)
        start = replace(start, columns=tuple(picked), values=start.values | parse_typed_values(request.POST))
    elif version and not bound:
        start = apply_offer(start, version, page, now)
    if start.ended_grant and request.method != "POST":
        messages.info(request, _("That access has ended in the meantime. You are requesting it again."))
    form = TableForm(request.POST if bound else None, recipients=recipients, initial=start.values)
    picked = parse_picked_columns(request.POST, columns) if bound else list(start.columns)
    rows, slug = _get_row_values(request, form, version), _get_product_slug(request)
    asked_for = TableFormValues(page, tuple(picked), version, rows, slug)
    if bound:
        done = _add_to_basket if action == "basket" else _submit
        if answer := done(request, form, asked_for):
            return answer
    context = (
        _build_context(person, page, form, picked, now)
        | {"basket_item": start.basket_item, "extends": start.extends, "join": start.join}
        | {"join_product": start.join_product}
        | _build_offer_context(request, asked_for)
    )
    context |= _build_picker_context(request, page, context, picked)
    if is_picker_action(request) and is_fragment_request(request):
        return render(request, "portal/request_form/table.html#picker", context)
    ahead_of_it = preview_table_form(person, form, asked_for, now)
    context["preview"], context["product_slug"] = ahead_of_it, slug
    context["required_fields"] = get_required_fields(request, person, form, ahead_of_it.required_information)
    context["condition"] = condition
    if start.extends:
        context |= {"picked_columns": encode_names(picked), "shown_fields": SHOWN_FIELDS}
        return render(request, "portal/request_form/extension.html", context, status=422 if bound else 200)
    offers = [offer.version for offer in cast("Sequence[OfferSummary]", context.get("offers", ()))]
    context["column_values"] = list_column_values(person, page.table.row, offers, now)
    context["row_count_text"] = describe_row_count(page.table.row)
    if action == ADD_CONDITION:
        return render_page_or_fragment(request, "portal/request_form/table.html", "row_filter", context)
    context["earlier_purposes"] = list_earlier_purposes(person)
    context["is_fresh"] = request.method == "GET"
    return render(request, "portal/request_form/table.html", context, status=422 if bound else 200)


def _get_product_slug(request: HttpRequest) -> str:
    """Returns the product from whose page the form was opened; empty for the page of the table."""
    said = request.POST if request.method == "POST" else request.GET
    return said.get("data_product", "")


def _get_version(request: HttpRequest, start: InitialValues) -> OfferVersion | None:
    """The submitted version; else the published version of the named or previous offer."""
    person = get_signed_in_person(request)
    if request.method == "POST":
        return get_offer_version(person, request.POST.get("offer", ""))
    named = get_offer_version(person, request.GET.get("offer", str(start.values.get("offer") or "")))
    version = get_published_version(person, named) if named else None
    if named and version != named:
        changed = _("The offer has changed. This is the current version.")
        messages.info(
            request, changed if version else _("The offer is retired. You can request access without it.")
        )
    return version


@require_POST
@return_404_if_hidden
def preview(request: HttpRequest) -> HttpResponse:
    """The preview fragment for `table` in the query, with the required-information fields if they differ from those in
    the form. Nothing is written.
    """
    person = get_signed_in_person(request)
    page = build_table_page(person, parse_id(request.GET.get("table", "")) or 0)
    request.POST = merge_ticked_values(request.POST, page.table.row.column_facts)  # type: ignore[assignment]
    version = get_offer_version(person, request.POST.get("offer", ""))
    form = TableForm(request.POST, recipients=list_recipients(person))
    picked = tuple(parse_picked_columns(request.POST, page.table.row.column_facts))
    rows = _get_row_values(request, form, version)
    asked_for = TableFormValues(page, picked, version, rows, _get_product_slug(request))
    return render_preview(
        request, form, preview_table_form(person, form, asked_for, get_request_time(request))
    )


def _submit(request: HttpRequest, form: TableForm, asked_for: TableFormValues) -> HttpResponse | None:
    """Redirect to the request; None if the form has errors."""
    if not form.is_valid():
        return None
    person, reader = get_signed_in_person(request), form.cleaned_data["principal"]
    team, now = reader.principal.account.team, get_request_time(request)
    try:
        asked = submit_access_request(
            acting_user=person,
            details=reader.build_details(form.cleaned_data, get_chosen_end(form, asked_for.version, now)),
            items=[asked_for.build_item(form)],
            idempotency_key=form.cleaned_data["idempotency_key"],
            now=now,
            accepted_term_ids=parse_accepted_terms(request),
            provided=parse_provided_information(request.POST),
        )
    except (RefusedError, ForbiddenError) as error:
        _add_refusal(form, error)
        return None
    remove_from_basket(person=person, team=team, tables=[asked_for.page.table.pk])
    messages.success(request, _("Request sent. You can follow it here."))
    return redirect("access-request", asked.pk)


def _add_to_basket(request: HttpRequest, form: TableForm, asked_for: TableFormValues) -> HttpResponse | None:
    """Save the form and redirect to the basket; None if the form has errors."""
    form.relax_for_basket()
    if not form.is_valid():
        return None
    person, said, version = get_signed_in_person(request), form.cleaned_data, asked_for.version
    reader = said["principal"]
    team = reader.principal.account.team
    try:
        add_to_basket(
            person=person,
            team=team,
            requested_items=[asked_for.build_item(form)],
            now=get_request_time(request),
        )
    except RefusedError as error:
        _add_refusal(form, error)
        return None
    kept = get_texts(get_basket(person, team))
    save_basket_form(
        person=person,
        team=team,
        texts={name: typed or kept[name] for name, typed in parse_texts(said).items()},
        ends_on=said["ends_on"],
        recipient=reader,
    )
    if said["hours"] and version and said["hours"] < version.longest_hours:
        messages.info(
            request,
            _(
                "In the basket, an offer by the hour always gets its full duration. To request fewer hours, send the request from here."
            ),
        )
    messages.success(request, _("Added to your basket. Add more tables, or send the request."))
    return redirect("basket", team.slug)


def _add_refusal(form: TableForm, error: RefusedError | ForbiddenError) -> None:
    if isinstance(error, ForbiddenError):
        form.add_error(None, str(error))
        return
    form.add_refusal(error, FORM_FIELDS.get(error.field))


def _get_row_values(
    request: HttpRequest, form: TableForm, version: OfferVersion | None
) -> Mapping[str, Sequence[str]]:
    """Selected row values by name."""
    if version is None:
        return {}
    rows: Mapping[str, Sequence[str]] = form.initial.get("rows", {})
    return parse_row_values(version, request.POST) if request.method == "POST" else rows


def _build_offer_context(request: HttpRequest, asked_for: TableFormValues) -> dict[str, object]:
    """Constraints of the selected offer, else the available offers."""
    page, version = asked_for.page, asked_for.version
    if version is None:
        every = (
            offer_summary
            for product in page.products
            for offer_summary in build_offer_summaries(product, [page.table.row])
        )
        return {"offers": [one for one in every if one.request_links]}
    closed = list_unavailable_columns(version, page)
    under = build_offer_constraints(
        get_signed_in_person(request),
        version,
        get_request_time(request),
        unavailable_columns=closed,
        row_values=asked_for.row_values,
    )
    sooner = [
        date_choice
        for date_choice in list_end_date_choices(get_request_time(request))
        if date_choice[0] <= under.last_day
    ]
    open_ones = [column for column in page.table.row.column_facts if column.name not in closed]
    has_sensitive = any(column.classification == Classification.SENSITIVE for column in open_ones)
    return {
        "constraints": under,
        "last_day": under.last_day,
        "end_date_choices": sooner,
        "has_sensitive": has_sensitive,
        "has_public": any(column.classification == Classification.PUBLIC for column in open_ones),
    }


def _build_context(
    person: Person, page: TablePage, form: TableForm, picked: Collection[str], now: datetime
) -> dict[str, object]:
    chosen = set(picked)
    columns = page.table.row.column_facts
    sensitive = [column for column in columns if column.classification == Classification.SENSITIVE]
    whole = form.selected_extent == WholeTable.fact
    # The domain of the database, else of the product (`requests_app.access_requests.may.get_item_domain`).
    domain = page.domain or (page.products[0].domain if page.products else None)
    banner = build_table_banner(page.products, person, now)
    region = page.table.row.database.catalog.region
    has_cross_region_recipient = any(
        recipient.principal.account.region != region for recipient in form.recipients
    )
    return {
        "page": page,
        "table": page.table,
        "form": form,
        "extent": form.selected_extent,
        "holders": find_column_holders(person, page.table.row, now),
        "has_sensitive": bool(sensitive),
        "has_public": any(column.classification == Classification.PUBLIC for column in columns),
        "has_selected_sensitive": bool(sensitive)
        and (whole or any(column.name in chosen for column in sensitive)),
        "recipients": form.recipients,
        **build_end_date_context(now),
        "has_cross_region_recipient": has_cross_region_recipient,
        "waiting_text": describe_waiting_principals(
            {recipient.principal.pk for recipient in form.recipients}, page.table.pk
        ),
        "domain": domain,
        "banner": banner,
        "takes_requests": takes_requests(banner),
    }


def _build_picker_context(
    request: HttpRequest, page: TablePage, context: Mapping[str, object], picked: Collection[str]
) -> dict[str, object]:
    chosen, constraints = set(picked), context.get("constraints")
    closed = constraints.unavailable_columns if isinstance(constraints, OfferConstraints) else frozenset()
    holders = cast("Mapping[str, tuple[str, ...]]", context["holders"])
    choices = [
        ColumnChoice(column, column.name in chosen, holders.get(column.name, ()), column.name not in closed)
        for column in page.table.row.column_facts
    ]
    return {"picker": build_column_picker(page.table.row, choices, request.POST)}


class RowConditionForm(forms.Form):
    condition_column = forms.ChoiceField()
    condition_operator = forms.ChoiceField()
    condition_value = forms.CharField(required=False, max_length=400)

    def __init__(self, columns: Sequence[ColumnFacts], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.columns = columns
        names = {
            "=": _("is"),
            "<>": _("is not"),
            "<": _("is less than"),
            "<=": _("is at most"),
            ">": _("is greater than"),
            ">=": _("is at least"),
            "in": _("is one of"),
            "not in": _("is none of"),
            "starts with": _("starts with"),
            "contains": _("contains"),
            "is null": _("is empty"),
            "is not null": _("is not empty"),
        }
        set_choices(self, "condition_column", [(column.name, column.name) for column in columns])
        set_choices(self, "condition_operator", [(operator, names[operator]) for operator in OPERATORS])

    def add_to(self, row_filter: str) -> str:
        """The row filter with the condition; unchanged, with an error at the value, if it does not fit."""
        if not self.is_valid():
            return row_filter
        said = self.cleaned_data
        types = {column.name: column.type for column in self.columns}
        parts = (said["condition_column"], said["condition_operator"], said["condition_value"])
        try:
            return add_condition(row_filter, *parts, types)
        except RowFilterError as error:
            self.add_error("condition_value", _("Not added: %(reason)s.") % {"reason": error.reason})
            return row_filter


@dataclass(frozen=True)
class ChangedValues:
    """The form as it was sent, with the condition added; `condition` is empty again, or has the error."""

    start: InitialValues
    condition: RowConditionForm


def _build_changed_values(
    request: HttpRequest, start: InitialValues, columns: Sequence[ColumnFacts], *, has_ticks: bool
) -> ChangedValues:
    """With `has_ticks`, values were ticked, which are in the row filter already; then no other condition is needed."""
    condition, row_filter = RowConditionForm(columns, request.POST), get_text_field(request, "row_filter")
    if not has_ticks or get_text_field(request, "condition_value").strip():
        row_filter = condition.add_to(row_filter)
    elif not condition.is_valid():
        condition = RowConditionForm(columns)
    values = start.values | parse_typed_values(request.POST) | {"row_filter": row_filter}
    changed = replace(start, columns=tuple(parse_picked_columns(request.POST, columns)), values=values)
    return ChangedValues(changed, condition if condition.errors else RowConditionForm(columns))
