"""The list of the audit log."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, DateFilter

from audit.models import Event
from identity.people.models import Person
from portal.api.filters import ListFilters
from portal.audit_log.events import build_event_rows, list_events
from portal.lists.declaration import Column, EmptyState, FilterInput, ListPage

INVALID_DATE = {"invalid": _("Enter a valid date.")}


class AuditEventFilters(ListFilters):
    verb = CharFilter(
        method="filter_verb", max_length=60, label="Of this kind alone, such as `approve_item`."
    )
    who = CharFilter(
        method="filter_who",
        max_length=120,
        label="A part of the name or e-mail of who acted; or an `actor`.",
    )
    subject = CharFilter("subject", max_length=120, label="About this alone, such as `grant:12`.")
    occurred_after = DateFilter(
        method="filter_start", error_messages=INVALID_DATE, label="From this day on, as 2026-11-24."
    )
    occurred_before = DateFilter(
        method="filter_end", error_messages=INVALID_DATE, label="Until the end of this day."
    )

    def filter_verb(self, rows: QuerySet[Event], _name: str, verb: str) -> QuerySet[Event]:
        """Accepts the displayed form and the stored form."""
        return rows.filter(verb=verb.lower().replace(" ", "_"))

    def filter_who(self, rows: QuerySet[Event], _name: str, who: str) -> QuerySet[Event]:
        people = Person.objects.filter(name__icontains=who) | Person.objects.filter(email__icontains=who)
        return rows.filter(actor__in=[who, *(f"person:{pk}" for pk in people.values_list("pk", flat=True))])

    def filter_start(self, rows: QuerySet[Event], _name: str, day: date) -> QuerySet[Event]:
        return rows.filter(at__gte=_get_start_of_day(day))

    def filter_end(self, rows: QuerySet[Event], _name: str, day: date) -> QuerySet[Event]:
        return rows.filter(at__lt=_get_start_of_day(day + timedelta(days=1)))


class AuditLog(ListPage):
    route, api_route = "audit-log", "api-audit-events"
    title = _("Audit log")
    lead = _(
        "Who did what, newest first. Events are never changed or deleted; the seal of each event links it to the one before."
    )
    panel_title = _("Events")
    cells = "portal/audit_log/_cells.html"
    is_dense = True
    columns = (
        Column(
            _("When"),
            "components/cells.html#exact_time",
            "event.at",
            classes="time-column",
            is_labelled=False,
        ),
        Column(_("Who"), "who", is_labelled=False),
        Column(_("Action"), "verb", is_labelled=False),
        Column(_("About"), "subject", is_needed=True),
        Column(_("Event"), "number", classes="narrow-column num"),
        Column(_("Seal"), "seal", classes="narrow-column num"),
        Column(_("Details"), "details", classes="narrow-column", is_labelled=False),
    )
    filters = AuditEventFilters
    inputs = (
        FilterInput("verb", _("Action"), max_length=60, placeholder="approve item"),
        FilterInput("who", _("Who"), max_length=120, placeholder=_("part of a name or e-mail"), dir="auto"),
        FilterInput("subject", _("About"), max_length=120, placeholder="grant:12"),
        FilterInput("occurred_after", _("First day"), "date"),
        FilterInput("occurred_before", _("Last day"), "date"),
    )
    aliases = {"since": "occurred_after", "until": "occurred_before"}
    is_strict = is_keyed = True
    invalid_before = _("This is not an event number.")
    empty = empty_filtered = EmptyState(
        "info",
        _("No matching events"),
        _("Remove or change a filter. Names match in part; actions and subjects match exactly."),
        _("Show all"),
        "audit-log",
        "plain",
    )
    empty_invalid = EmptyState(
        "info",
        _("The filter is not valid"),
        _("Correct it above, or show all events."),
        _("Show all"),
        "audit-log",
        "plain",
    )

    def list_rows(self) -> QuerySet[Any]:
        return list_events(self.person)

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return build_event_rows(rows)


def _get_start_of_day(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
