"""Notifications: list, open, mark as read, settings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kernel.errors import RefusedError
from portal.notifications.presenters import (
    build_frequency_rows,
    get_target_url,
    parse_frequencies,
)
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.notifications.actions import choose_frequencies
from requests_app.notifications.mail_links import open_link
from requests_app.notifications.projection import list_channels
from requests_app.notifications.queries import (
    get_notification,
    mark_all_read,
    mark_event_read,
)


@require_GET
@return_404_if_hidden
def open_notification(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark it as read and redirect to its page."""
    notification = get_notification(get_signed_in_person(request), pk)
    mark_event_read(notification, get_request_time(request))
    return redirect(get_target_url(notification))


@require_GET
@return_404_if_hidden
def open_signed_link(request: HttpRequest, token: str) -> HttpResponse:
    """The same from a mail link; an expired link redirects to the list."""
    link = open_link(get_signed_in_person(request), token)
    if link.has_expired:
        messages.info(request, _("This link has expired. You can find its notification here."))
        return redirect("notifications")
    mark_event_read(link.notification, get_request_time(request))
    return redirect(get_target_url(link.notification))


@require_POST
def mark_all_as_read(request: HttpRequest) -> HttpResponse:
    """Mark all up to `up_to` as read; newer ones stay unread."""
    up_to = parse_id(request.POST.get("up_to", "")) or 0
    read = mark_all_read(get_signed_in_person(request), up_to, get_request_time(request))
    messages.success(
        request,
        ngettext("%(n)d notification is marked as read.", "%(n)d notifications are marked as read.", read)
        % {"n": read},
    )
    return redirect("notifications")


@require_http_methods(["GET", "POST"])
def notification_settings(request: HttpRequest) -> HttpResponse:
    """Frequencies by kind and channel, saved all or none."""
    person, error = get_signed_in_person(request), ""
    if request.method == "POST":
        try:
            choose_frequencies(
                acting_user=person,
                frequencies=parse_frequencies(request.POST.dict()),
                now=get_request_time(request),
            )
        except RefusedError as refusal:
            error = refusal.message
        else:
            messages.success(request, _("Saved. It applies from now on."))
            return redirect(reverse("notification-settings"))
    context = {"rows": build_frequency_rows(person), "channels": list_channels(), "error": error}
    return render(request, "portal/notifications/settings.html", context, status=422 if error else 200)
