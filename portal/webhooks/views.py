"""Webhooks: the list, the form, one with its last deliveries, tests and new secrets."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.products.models import Domain
from identity.people.models import Person
from kernel import clock
from kernel.errors import RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import add_refusal
from portal.pages.post_fields import get_action
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from portal.pages.signed_in_person import get_signed_in_person
from portal.webhooks.forms import WebhookForm
from portal.webhooks.presenters import build_delivery_rows
from requests_app.notifications.webhooks.actions import change_secret, redeliver, save_webhook, test_webhook
from requests_app.notifications.webhooks.models import Webhook
from requests_app.notifications.webhooks.queries import get_webhook, list_last_deliveries, list_webhooks
from requests_app.notifications.webhooks.signatures import get_secret

CREATED, UNPROCESSABLE, OK = 201, 422, 200


@require_GET
@return_404_if_hidden
def listing(request: HttpRequest) -> HttpResponse:
    rows = list_webhooks(get_signed_in_person(request))
    hosts = [(one, urlsplit(one.url).hostname or "") for one in rows]
    return render(request, "portal/webhooks/list.html", {"rows": hosts})


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new(request: HttpRequest) -> HttpResponse:
    """The answer to the POST shows the secret, once."""
    person = get_signed_in_person(request)
    list_webhooks(person)
    form = WebhookForm(request.POST if request.method == "POST" else None, _list_domains(), None)
    if form.is_bound and form.is_valid() and (made := _save(person, form, None)):
        secret = get_secret(made) if made.style == Webhook.Style.JSON else ""
        return _render_detail(request, made, secret=secret, status=CREATED)
    return _render_form(request, form, None)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_signed_in_person(request)
    webhook = get_webhook(person, pk)
    form = WebhookForm(request.POST if request.method == "POST" else None, _list_domains(), webhook)
    if form.is_bound and form.is_valid() and _save(person, form, pk):
        messages.success(request, _("Saved."))
        return redirect("webhook", pk)
    return _render_form(request, form, webhook)


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _render_detail(request, get_webhook(get_signed_in_person(request), pk))


@require_POST
@return_404_if_hidden
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Test it, change its secret, or send one of its deliveries again."""
    person = get_signed_in_person(request)
    webhook, do = get_webhook(person, pk), get_action(request, "test", "change_secret", "redeliver")
    if do == "change_secret":
        secret = change_secret(acting_user=person, webhook_id=pk, now=get_request_time(request))
        return _render_detail(request, webhook, secret=secret)
    try:
        _choose_action(request, person, pk, do)()
    except RefusedError as error:
        return _render_detail(request, webhook, refusal=str(error), status=UNPROCESSABLE)
    return redirect("webhook", pk)


def _choose_action(request: HttpRequest, person: Person, pk: int, do: str) -> Callable[[], None]:
    def send_test() -> None:
        test_webhook(acting_user=person, webhook_id=pk, now=get_request_time(request))
        messages.success(request, _("A test is on its way. Its result appears below."))

    def send_again() -> None:
        chosen = parse_id(request.POST.get("delivery", ""))
        mine = list_last_deliveries(get_webhook(person, pk))
        if chosen is None or chosen not in {one.pk for one in mine}:
            raise RefusedError(_("This delivery no longer exists."))
        redeliver(acting_user=person, delivery_id=chosen, now=get_request_time(request))
        messages.success(request, _("It is sent again."))

    def refuse() -> None:
        raise RefusedError(_("Choose what to do."))

    return {"test": send_test, "redeliver": send_again}.get(do, refuse)


def _save(person: Person, form: WebhookForm, pk: int | None) -> Webhook | None:
    """None if it is refused."""
    try:
        return save_webhook(acting_user=person, webhook_id=pk, content=form.content, now=clock.now())
    except RefusedError as error:
        add_refusal(form, error)
        return None


def _list_domains() -> list[Domain]:
    return list(Domain.objects.order_by("name"))


def _render_form(request: HttpRequest, form: WebhookForm, webhook: Webhook | None) -> HttpResponse:
    context = {
        "form": form,
        "webhook": webhook,
        "styles": Webhook.Style.choices,
        "changes": Webhook.Changes.choices,
        "domains": _list_domains(),
    }
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/webhooks/form.html", context, status=status)


def _render_detail(
    request: HttpRequest, webhook: Webhook, *, secret: str = "", refusal: str = "", status: int = OK
) -> HttpResponse:
    context = {
        "webhook": webhook,
        "host": urlsplit(webhook.url).hostname or "",
        "secret": secret,
        "refusal": refusal,
        "deliveries": build_delivery_rows(list_last_deliveries(webhook)),
    }
    return render(request, "portal/webhooks/detail.html", context, status=status)
