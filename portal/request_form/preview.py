"""Previews of request forms, also of incomplete ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from catalog.browse.tables import TablePage
from catalog.products.offers.models import DataUse, OfferVersion
from identity.people.models import Person
from kernel.errors import RefusedError
from portal.pages.forms import get_end_of_day
from portal.pages.own_requests import NextDecision, build_next_decision
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.forms import ManyTablesForm, RequestForm, RequiredInformationForm, TableForm
from portal.request_form.initial_values import list_non_sensitive_columns
from portal.request_form.offer import build_chosen_row_filter, limit_end, list_unavailable_columns
from portal.request_form.required_information import get_changed_required_fields, get_required_fields
from requests_app.access_requests.item_targets import get_extent_fields
from requests_app.grants.coverage import describe_coverage, find_covering_grants
from requests_app.policies.wording import list_refusals
from requests_app.policy_engine.request_texts import TEXT_NAMES
from requests_app.policy_engine.rules import (
    NOTHING_REQUIRED,
    RequiredInformation,
    merge_required_information,
)
from requests_app.submission.preview import (
    RequestDraft,
    build_decidable_item,
    preview_item,
    preview_target_request,
)
from requests_app.targets.many_tables import ManyTablesTarget
from requests_app.targets.requested_item import RequestedItem
from requests_app.targets.single_tables import TableColumns, TableMetadata


@dataclass(frozen=True)
class TableFormValues:
    """Values outside the form's fields: the table, selected columns, the offer version with its row
    values by name, and the slug of the product from whose page the form was opened.
    """

    page: TablePage
    columns: tuple[str, ...]
    version: OfferVersion | None
    row_values: Mapping[str, Sequence[str]]
    product_slug: str = ""

    def build_item(self, form: TableForm) -> RequestedItem:
        """Selected columns are ignored for the whole table and for metadata.
        RefusedError.
        """
        extent, version = form.selected_extent, self.version
        metadata, rule = extent == TableMetadata.fact, form["row_filter"].value() or ""
        if version and not metadata:
            rule = build_chosen_row_filter(version, self.row_values, rule)
        held = {product.slug: product.pk for product in self.page.products}
        offered = self.version.offer.product_id if self.version else None
        product_id = (
            offered
            if offered in held.values()
            else held.get(self.product_slug, next(iter(held.values()), None))
        )
        return RequestedItem(
            self.page.table.pk,
            product_id=product_id,
            row_filter=rule,
            **get_extent_fields(extent, self.columns),
            offer_id=version.pk if version else None,
            use=DataUse.METADATA if metadata and version else form["use"].value() or "",
        )


@dataclass(frozen=True)
class FormPreview:
    """`sentence` is empty while the form is incomplete. `is_impossible`: the request would be refused. `decision` is None if nobody is
    waited for, or it is not known who decides. `is_unfinished`: no column is chosen yet, which is no mistake; `sentence` asks for one.
    """

    sentence: str = ""
    required_information: RequiredInformation = NOTHING_REQUIRED
    is_impossible: bool = False
    is_unfinished: bool = False
    is_immediate: bool = False
    decision: NextDecision | None = None
    ends_at: datetime | None = None


def render_preview(
    request: HttpRequest,
    form: RequiredInformationForm,
    ahead: FormPreview,
    kept: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The preview fragment, with the required-information fields if they differ from those in the form. `kept` are
    values that were entered before.
    """
    demands = get_required_fields(
        request, get_signed_in_person(request), form, ahead.required_information, kept
    )
    context = {
        "preview": ahead,
        "changed_required_fields": get_changed_required_fields(request, demands),
    }
    return render(request, "portal/request_form/_preview.html", context)


def preview_table_form(person: Person, form: TableForm, asked: TableFormValues, now: datetime) -> FormPreview:
    """Also tells if the recipient already has the access. Before a column is chosen: who would decide on those that are not sensitive."""
    words = build_request_draft(person, form, asked.version, now)
    if words is None:
        return FormPreview()
    lacks_columns = form.selected_extent == TableColumns.fact and not asked.columns
    if lacks_columns:
        columns = list_non_sensitive_columns(asked.page.table.row.column_facts)
        closed = list_unavailable_columns(asked.version, asked.page) if asked.version else frozenset()
        asked = replace(asked, columns=tuple(name for name in columns if name not in closed))
    try:
        ahead = preview_requested_item(words, asked.build_item(form))
    except RefusedError as refusal:
        ahead = FormPreview(describe_refusal(refusal), is_impossible=True)
    if not lacks_columns:
        return ahead
    hint = FormPreview() if ahead.is_impossible else ahead
    text = _("Choose at least one column. Who decides may depend on them.")
    return replace(
        hint, sentence=text, required_information=NOTHING_REQUIRED, is_impossible=True, is_unfinished=True
    )


def preview_requested_item(draft: RequestDraft, ask: RequestedItem) -> FormPreview:
    """Of one table. Also tells if the recipient already has the access."""
    try:
        found = preview_item(draft, ask)
    except RefusedError as refusal:
        return FormPreview(describe_refusal(refusal), is_impossible=True)
    had = find_covering_grants([ask], principal=draft.principal, ends_at=draft.ends_at)
    if had:
        return FormPreview(describe_coverage(had[ask.table_id]), is_impossible=True)
    if list_refusals(found.verdict.to_json()):
        return FormPreview(found.outcome_text, is_impossible=True)
    return FormPreview(
        found.outcome_text,
        found.verdict.required_information,
        is_immediate=found.is_immediate,
        decision=None if found.is_immediate else build_next_decision(build_decidable_item(found), draft.now),
        ends_at=found.item.ends_at,
    )


def preview_many_tables_form(
    person: Person,
    form: ManyTablesForm,
    target: ManyTablesTarget,
    version: OfferVersion | None,
    now: datetime,
) -> FormPreview:
    """Each sentence once, and all required information."""
    words = build_request_draft(person, form, version, now)
    if words is None:
        return FormPreview()
    try:
        found = preview_target_request(words, target, version, form["use"].value() or "")
    except RefusedError as refusal:
        return FormPreview(describe_refusal(refusal), is_impossible=True)
    sentence = " ".join(dict.fromkeys(one.text for one in found))
    return FormPreview(sentence, merge_required_information(one.required_information for one in found))


def build_request_draft(
    person: Person, form: RequestForm, version: OfferVersion | None, now: datetime
) -> RequestDraft | None:
    """None without a recipient and an end date."""
    reader, ends_at = form.selected_recipient, _parse_end(form, version, now)
    if reader is None or ends_at is None:
        return None
    texts = {name: form[name].value() or "" for name in TEXT_NAMES}
    return RequestDraft(person, reader.build_details(texts, ends_at), now)


def describe_refusal(refusal: RefusedError) -> str:
    return _("You can't request this: %(why)s") % {"why": refusal.message}


def _parse_end(form: RequestForm, version: OfferVersion | None, now: datetime) -> datetime | None:
    hours, said = form["hours"].value(), form["ends_on"].value()
    try:
        if hours:
            return now + timedelta(hours=form.fields["hours"].clean(hours))
        day = said if isinstance(said, date) else date.fromisoformat(said or "")
    except (ValueError, ValidationError):
        return None
    return limit_end(get_end_of_day(day), version, now)
