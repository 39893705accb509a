"""What needs attention, on the start page of the administration: what the portal's pages count, with links to them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import ngettext

from catalog.sync.runs import list_catalog_syncs, may_request_sync
from fulfilment.health import list_incidents, list_valves, read_wall_clock
from fulfilment.holds import Hold
from identity.connections import list_connections, may_connect_accounts
from identity.people.models import Person
from identity.role_changes.may import is_governor
from identity.role_changes.queries import filter_waiting, list_role_changes
from portal.health.background import get_background_health
from portal.health.presenters import list_scope_rows
from portal.health.problems import list_problems
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.permissions.presenters import catalog_url
from portal.sync.presenters import get_catalog_display_state
from requests_app.display_states.vocabulary import Reason, State
from requests_app.leavers.vacancies import list_vacancies
from requests_app.notifications.models import NotificationMail
from requests_app.notifications.webhooks.models import WebhookDelivery
from requests_app.permissions.may import sees_all_permissions

SYNC_STATES = {State.NEEDS_ATTENTION, State.FAILED}


@dataclass(frozen=True)
class AttentionItem:
    """`url` is a page that the person may open."""

    text: str
    url: str


def list_attention(request: HttpRequest) -> list[AttentionItem]:
    """The most urgent first; only what the person may look into."""
    person, now = get_signed_in_person(request), get_request_time(request)
    return [
        *_list_health(person, now),
        *_list_syncs(person, now),
        *_list_role_changes(person, now),
        *_list_vacancies(person),
        *_list_connections(person),
        *_list_holds(request),
        *_list_unsent(request),
    ]


def _list_health(person: Person, now: datetime) -> Iterator[AttentionItem]:
    if not sees_all_permissions(person):
        return
    page, wall_clock = reverse("health"), read_wall_clock()
    if incidents := len(list_incidents()):
        text = ngettext("%d security incident", "%d security incidents", incidents)
        yield AttentionItem(text % incidents, f"{page}#incidents")
    health = get_background_health(wall_clock)
    rows = list_scope_rows(now, wall_clock)
    for problem in list_problems(health, list_valves(), rows):
        if problem.reason != Reason.OPEN_FINDINGS:  # named below, with links
            yield AttentionItem(problem.text, f"{page}#{problem.section}")
    for found in (row.details for row in rows):
        if found.finding_count:
            text = ngettext(
                "%(count)d drift finding in %(catalog)s",
                "%(count)d drift findings in %(catalog)s",
                found.finding_count,
            )
            name = found.scope.catalog.short_name
            yield AttentionItem(text % {"count": found.finding_count, "catalog": name}, catalog_url(name))


def _list_syncs(person: Person, now: datetime) -> Iterator[AttentionItem]:
    if not may_request_sync(person):
        return
    found = [get_catalog_display_state(sync, now).state for sync in list_catalog_syncs(person, now)]
    if count := sum(state in SYNC_STATES for state in found):
        text = ngettext(
            "The last sync of %d catalog needs attention",
            "The last syncs of %d catalogs need attention",
            count,
        )
        yield AttentionItem(text % count, reverse("sync-runs"))


def _list_role_changes(person: Person, now: datetime) -> Iterator[AttentionItem]:
    if is_governor(person) and (count := filter_waiting(list_role_changes(person), now).count()):
        text = ngettext(
            "%d role change waits for a second governor", "%d role changes wait for a second governor", count
        )
        yield AttentionItem(text % count, reverse("role-changes"))


def _list_vacancies(person: Person) -> Iterator[AttentionItem]:
    if is_governor(person) and (count := len(list_vacancies())):
        text = ngettext(
            "%d role that decides is held by nobody", "%d roles that decide are held by nobody", count
        )
        yield AttentionItem(text % count, f"{reverse('reviews')}#vacancies")


def _list_connections(person: Person) -> Iterator[AttentionItem]:
    if may_connect_accounts(person) and (count := list_connections(person).count()):
        text = ngettext("%d account is not connected yet", "%d accounts are not connected yet", count)
        yield AttentionItem(text % count, reverse("accounts"))


def _list_holds(request: HttpRequest) -> Iterator[AttentionItem]:
    if count := _count_rows(request, Hold, ended_at=None):
        text = ngettext("%d hold waits for a person", "%d holds wait for a person", count)
        yield AttentionItem(text % count, _build_list_url(Hold, "ended_at__isempty=1"))


def _list_unsent(request: HttpRequest) -> Iterator[AttentionItem]:
    if count := _count_rows(request, NotificationMail, gave_up_at__isnull=False):
        text = ngettext("%d mail could not be sent", "%d mails could not be sent", count)
        yield AttentionItem(text % count, _build_list_url(NotificationMail, "gave_up_at__isempty=0"))
    if count := _count_rows(request, WebhookDelivery, gave_up_at__isnull=False):
        text = ngettext(
            "%d webhook delivery could not be sent", "%d webhook deliveries could not be sent", count
        )
        yield AttentionItem(text % count, _build_list_url(WebhookDelivery, "gave_up_at__isempty=0"))


def _count_rows(request: HttpRequest, model: type[Model], **condition: object) -> int:
    """0 for who may not look at the rows."""
    if not admin.site.get_model_admin(model).has_view_permission(request):
        return 0
    return model._default_manager.filter(**condition).count()  # noqa: SLF001 - Django documents it


def _build_list_url(model: type[Model], query: str) -> str:
    named = model._meta  # noqa: SLF001 - Django documents it
    return f"{reverse(f'admin:{named.app_label}_{named.model_name}_changelist')}?{query}"
