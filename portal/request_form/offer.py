"""Request forms under an offer: its constraints, initial values and row filter."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.http import HttpRequest, QueryDict
from django.utils import timezone

from catalog.browse.tables import TablePage
from catalog.products.offers.bounds import rank_sensitivity
from catalog.products.offers.models import DataUse, OfferState, OfferVersion
from catalog.products.offers.queries import get_version, list_accepted_terms, parse_row_template
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError
from lakeformation.values.row_filter_templates import build_row_filter, extract_choices
from lakeformation.values.row_filters import RowFilterError
from lakeformation.values.wording import to_sentence
from portal.offers.presenters import OfferSummary, RowChoice, build_offer_summary, build_row_choices
from portal.pages.row_ids import parse_id, parse_ids
from portal.request_form.forms import RequestForm
from portal.request_form.initial_values import InitialValues, list_non_sensitive_columns
from requests_app.submission.offer_checks import get_offer_end, is_by_the_hour
from requests_app.targets.checks import ROW_FILTER_FIELD
from requests_app.targets.single_tables import TableColumns, TableMetadata, WholeTable


def parse_accepted_terms(request: HttpRequest) -> list[int]:
    """Ids of accepted terms."""
    return parse_ids(request.POST.getlist("accept"))


@dataclass(frozen=True)
class OfferConstraints:
    """For the page. `uses` leaves out metadata, which is an extent; `extents` are what can be requested;
    `unavailable_columns` have a higher class; `max_hours` is of an offer by the hour, which counts no days.
    """

    offer: OfferSummary
    row_choices: tuple[RowChoice, ...]
    uses: tuple[tuple[str, str], ...]
    extents: frozenset[str]
    unavailable_columns: frozenset[str]
    last_day: date
    max_hours: int | None
    must_accept_terms: bool


def get_offer_version(person: Person, said: str) -> OfferVersion | None:
    """The offer version with this id; None without an id. NotFoundError if it is not visible."""
    if not said:
        return None
    pk = parse_id(said)
    version = get_version(person, pk) if pk is not None else None
    if version is None:
        raise NotFoundError
    return version


def get_published_version(person: Person, version: OfferVersion) -> OfferVersion | None:
    """The published version of the same offer, if any."""
    if version.state == OfferState.PUBLISHED:
        return version
    pk = version.offer.versions.filter(state=OfferState.PUBLISHED).values_list("pk", flat=True).first()
    return get_version(person, pk) if pk else None


def build_offer_constraints(
    person: Person,
    version: OfferVersion,
    now: datetime,
    *,
    unavailable_columns: frozenset[str] = frozenset(),
    row_values: Mapping[str, Collection[str]] | None = None,
) -> OfferConstraints:
    """`row_values` are the selected values by name."""
    accepted = list_accepted_terms(person, [version])
    return OfferConstraints(
        offer=build_offer_summary(version),
        row_choices=build_row_choices(version, row_values or {}),
        uses=tuple((use, str(DataUse(use).label)) for use in version.uses if use != DataUse.METADATA),
        extents=_list_extents(version),
        unavailable_columns=unavailable_columns,
        last_day=get_last_day(version, now),
        max_hours=get_max_hours(version),
        must_accept_terms=version.terms_id is not None and version.terms_id not in accepted,
    )


def parse_row_values(version: OfferVersion, said: QueryDict) -> dict[str, list[str]]:
    """Selected row values by name."""
    return {
        choice.name: said.getlist(f"rows-{choice.name}") for choice in parse_row_template(version).choices
    }


def apply_offer(start: InitialValues, version: OfferVersion, page: TablePage, now: datetime) -> InitialValues:
    """Limit initial values to what the offer allows; without earlier values, select what it offers, but no sensitive column."""
    closed, values = list_unavailable_columns(version, page), dict(start.values)
    offered = list_non_sensitive_columns(page.table.row.column_facts)
    template = parse_row_template(version)
    chosen, values["row_filter"] = extract_choices(template, values.get("row_filter", ""))
    single = {choice.name: [str(choice.values[0])] for choice in template.choices if len(choice.values) == 1}
    values["rows"] = single | chosen
    gives, last = _list_extents(version), get_last_day(version, now)
    if values.get("extent", TableColumns.fact) not in gives:
        values["extent"] = TableColumns.fact if TableColumns.fact in gives else TableMetadata.fact
    values["hours"] = get_max_hours(version)
    if values.get("ends_on") and values["ends_on"] > last:
        values["ends_on"] = last
    if values.get("use") not in version.uses:
        values["use"] = next((use for use in version.uses if use != DataUse.METADATA), "")
    names = start.columns if start.basket_item or start.extends or start.ended_grant else offered
    return replace(start, columns=tuple(name for name in names if name not in closed), values=values)


def list_unavailable_columns(version: OfferVersion, page: TablePage) -> frozenset[str]:
    """Columns with a higher classification than the offer allows."""
    most = rank_sensitivity(version.highest_class)
    return frozenset(
        column_fact.name
        for column_fact in page.table.row.column_facts
        if rank_sensitivity(column_fact.classification) > most
    )


def get_max_hours(version: OfferVersion) -> int | None:
    """Maximum duration in hours; None for offers by the day."""
    return version.longest_hours if is_by_the_hour(version) else None


def get_last_day(version: OfferVersion, now: datetime) -> date:
    return timezone.localdate(now + timedelta(hours=version.longest_hours))


def get_chosen_end(form: RequestForm, version: OfferVersion | None, now: datetime) -> datetime:
    """Returns the end that a valid form chose: hours from now, else the end of the day."""
    if hours := form.cleaned_data["hours"]:
        return now + timedelta(hours=hours)
    return limit_end(form.ends_at, version, now)


def limit_end(ends_at: datetime, version: OfferVersion | None, now: datetime) -> datetime:
    """The end of the day, limited to the hours of an hourly offer."""
    if version is None or timezone.localdate(ends_at) > get_last_day(version, now):
        return ends_at
    return get_offer_end(version, ends_at, now)


def build_chosen_row_filter(version: OfferVersion, chosen: Mapping[str, Sequence[str]], typed: str) -> str:
    """The row filter of the selected values, combined with the one entered. RefusedError."""
    try:
        rule = build_row_filter(parse_row_template(version), chosen)
    except RowFilterError as error:
        raise RefusedError(to_sentence(error.reason), ROW_FILTER_FIELD) from error
    return f"({rule}) AND ({typed})" if rule and typed.strip() else rule or typed


def _list_extents(version: OfferVersion) -> frozenset[str]:
    found = {WholeTable.fact} if version.future_columns else set()
    if set(version.uses) - {DataUse.METADATA}:
        found.add(TableColumns.fact)
    if DataUse.METADATA in version.uses:
        found.add(TableMetadata.fact)
    return frozenset(one for one in found if one != WholeTable.fact or set(version.uses) - {DataUse.METADATA})
