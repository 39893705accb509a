"""A person's notices: the list, opening one, marking them as read, and choosing what to hear of."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit import clock
from identity.errors import RefusedError
from portal.notifications.presenters import (
    address_of,
    notices_shown,
    pace_rows,
    paces_said,
    sought_of,
    tabs,
    target_of,
)
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.row_ids import id_in
from portal.pages.signed_in import person_of
from requests_app.notifications.actions import choose_frequencies
from requests_app.notifications.kinds import NotificationKind
from requests_app.notifications.mail_links import open_link
from requests_app.notifications.projection import list_channels
from requests_app.notifications.queries import get_notice, get_notice_page, mark_all_read, mark_event_read


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    sought = sought_of(request.GET.dict())
    found = get_notice_page(person_of(request), sought)
    context = {
        "sought": sought,
        "notices": notices_shown(found.notices),
        "newest": found.notices[0].pk if found.notices else 0,
        "kinds": NotificationKind.choices,
        "tabs": tabs(sought),
        "start_url": address_of(replace(sought, before=None)),
        "next_url": address_of(replace(sought, before=found.following)) if found.following else "",
    }
    return render(request, "portal/notifications/list.html", context)


@require_GET
@hides_what_is_not_yours
def open_one(request: HttpRequest, pk: int) -> HttpResponse:
    """To the page that it leads to; it is read by that."""
    notice = get_notice(person_of(request), pk)
    mark_event_read(notice, clock.now())
    return redirect(target_of(notice))


@require_GET
@hides_what_is_not_yours
def open_signed(request: HttpRequest, token: str) -> HttpResponse:
    """The same, from a mail; a link of one's own that has ended leads to the list."""
    found = open_link(person_of(request), token)
    if found.has_ended:
        messages.info(request, _("This link has expired. You can find its notification here."))
        return redirect("notifications")
    mark_event_read(found.notice, clock.now())
    return redirect(target_of(found.notice))


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """All up to the newest that the page showed: what came since stays new."""
    up_to = id_in(request.POST.get("up_to", "")) or 0
    read = mark_all_read(person_of(request), up_to, clock.now())
    messages.success(
        request,
        ngettext("%(n)d notification is marked as read.", "%(n)d notifications are marked as read.", read)
        % {"n": read},
    )
    return redirect("notifications")


@require_http_methods(["GET", "POST"])
def paces(request: HttpRequest) -> HttpResponse:
    """Kind × channel × pace. One form, saved as a whole or not at all."""
    person, error = person_of(request), ""
    if request.method == "POST":
        try:
            choose_frequencies(acting_user=person, paces=paces_said(request.POST.dict()), now=clock.now())
        except RefusedError as refusal:
            error = refusal.message
        else:
            messages.success(request, _("Saved. It applies from now on."))
            return redirect(reverse("notification-settings"))
    context = {"rows": pace_rows(person), "channels": list_channels(), "error": error}
    return render(request, "portal/notifications/preferences.html", context, status=422 if error else 200)
