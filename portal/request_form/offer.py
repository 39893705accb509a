"""The request form under an offer: which one, what it fills in, and what was chosen of its rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.http import HttpRequest, QueryDict
from django.utils import timezone

from catalog.browse.tables import TablePage
from catalog.products.offers.bounds import care
from catalog.products.offers.models import OfferVersion
from catalog.products.offers.queries import accepted_by, template_of, version_for
from catalog.products.offers.states import OfferState, Use
from identity.errors import NotFoundError, RefusedError
from identity.people.models import Person
from lakeformation.values.row_rule_parser import RowRuleError
from lakeformation.values.row_rule_templates import chosen_in, rule_of
from lakeformation.values.wording import as_sentence
from portal.offers.presenters import ChoiceShown, OfferShown, choices_shown, offer_shown
from portal.pages.row_ids import id_in, ids_in
from portal.request_form.defaults import Prefilled
from portal.request_form.forms import Extent, WordsForm
from requests_app.submission.offer_checks import get_offer_end, is_by_the_hour
from requests_app.targets.row_rules import ROW_RULE_FIELD


def accepted_in(request: HttpRequest) -> list[int]:
    """Ids of the terms that were ticked."""
    return ids_in(request.POST.getlist("accept"))


@dataclass(frozen=True)
class UnderOffer:
    """For the page. `uses` beside metadata, which is chosen by what is asked for; `gives` what may be asked for at all;
    `closed` are columns of a higher class; `hours` is the longest time of an offer by the hour, which counts no days.
    """

    offer: OfferShown
    choices: tuple[ChoiceShown, ...]
    uses: tuple[tuple[str, str], ...]
    gives: frozenset[str]
    closed: frozenset[str]
    last_day: date
    hours: int | None
    has_to_accept: bool


def version_named(person: Person, said: str) -> OfferVersion | None:
    """The version of this id; None where none is named. NotFoundError for one that the person cannot have seen."""
    if not said:
        return None
    pk = id_in(said)
    version = version_for(person, pk) if pk is not None else None
    if version is None:
        raise NotFoundError
    return version


def now_in_force(person: Person, version: OfferVersion) -> OfferVersion | None:
    """The version of the same offer under which one asks today, if there is one."""
    if version.state == OfferState.IN_FORCE:
        return version
    pk = version.offer.versions.filter(state=OfferState.IN_FORCE).values_list("pk", flat=True).first()
    return version_for(person, pk) if pk else None


def under_offer(
    person: Person,
    version: OfferVersion,
    now: datetime,
    *,
    closed: frozenset[str] = frozenset(),
    chosen: Mapping[str, Collection[str]] | None = None,
) -> UnderOffer:
    """`chosen` are the values of the rows, by name."""
    accepted = accepted_by(person, [version])
    return UnderOffer(
        offer=offer_shown(version),
        choices=choices_shown(version, chosen or {}),
        uses=tuple((use, str(Use(use).label)) for use in version.uses if use != Use.METADATA),
        gives=_gives(version),
        closed=closed,
        last_day=last_day(version, now),
        hours=hours_of(version),
        has_to_accept=version.terms_id is not None and version.terms_id not in accepted,
    )


def chosen_rows(version: OfferVersion, said: QueryDict) -> dict[str, list[str]]:
    """Values of the rows, by name, as the form says them."""
    return {choice.name: said.getlist(f"rows-{choice.name}") for choice in template_of(version).choices}


def started_under(start: Prefilled, version: OfferVersion, page: TablePage, now: datetime) -> Prefilled:
    """What the form says at first, as far as the offer allows it."""
    closed, values = closed_columns(version, page), dict(start.values)
    template = template_of(version)
    chosen, values["row_rule"] = chosen_in(template, values.get("row_rule", ""))
    single = {one.name: [str(one.values[0])] for one in template.choices if len(one.values) == 1}
    values["rows"] = single | chosen
    gives, last = _gives(version), last_day(version, now)
    if values.get("extent", Extent.COLUMNS) not in gives:
        values["extent"] = Extent.COLUMNS if Extent.COLUMNS in gives else Extent.METADATA
    values["hours"] = hours_of(version)
    if values.get("ends_on") and values["ends_on"] > last:
        values["ends_on"] = last
    if values.get("use") not in version.uses:
        values["use"] = next((use for use in version.uses if use != Use.METADATA), "")
    return replace(start, columns=tuple(name for name in start.columns if name not in closed), values=values)


def closed_columns(version: OfferVersion, page: TablePage) -> frozenset[str]:
    """Those of the table that are of a higher class than the offer goes."""
    most = care(version.highest_class)
    return frozenset(one.name for one in page.table.columns if care(one.classification) > most)


def hours_of(version: OfferVersion) -> int | None:
    """The longest time of an offer by the hour; None of one by the day."""
    return version.longest_hours if is_by_the_hour(version) else None


def last_day(version: OfferVersion, now: datetime) -> date:
    return timezone.localdate(now + timedelta(hours=version.longest_hours))


def chosen_end(form: WordsForm, version: OfferVersion | None, now: datetime) -> datetime:
    """Of a form that is valid: its hours from now on, else its day."""
    if hours := form.cleaned_data["hours"]:
        return now + timedelta(hours=hours)
    return latest_end(form.ends_at, version, now)


def latest_end(ends_at: datetime, version: OfferVersion | None, now: datetime) -> datetime:
    """The chosen day counts whole, unless the offer counts by the hour: then its last hour is the end of that day."""
    if version is None or timezone.localdate(ends_at) > last_day(version, now):
        return ends_at
    return get_offer_end(version, ends_at, now)


def chosen_rule(version: OfferVersion, chosen: Mapping[str, Sequence[str]], typed: str) -> str:
    """The row rule with the values that were chosen, by name, and what was typed besides. RefusedError."""
    try:
        rule = rule_of(template_of(version), chosen)
    except RowRuleError as error:
        raise RefusedError(as_sentence(error.reason), ROW_RULE_FIELD) from error
    return f"({rule}) AND ({typed})" if rule and typed.strip() else rule or typed


def _gives(version: OfferVersion) -> frozenset[str]:
    found = {Extent.WHOLE} if version.future_columns else set()
    if set(version.uses) - {Use.METADATA}:
        found.add(Extent.COLUMNS)
    if Use.METADATA in version.uses:
        found.add(Extent.METADATA)
    return frozenset(str(one) for one in found if one != Extent.WHOLE or set(version.uses) - {Use.METADATA})
