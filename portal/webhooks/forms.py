"""The form of a webhook."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.products.models import Domain
from portal.pages.forms import PageForm, set_choices
from requests_app.notifications.webhooks.actions import MAX_NAME_LENGTH, MAX_URL_LENGTH, WebhookContent
from requests_app.notifications.webhooks.models import Webhook


class WebhookForm(PageForm):
    """The address of an existing webhook is not shown, as it may itself be a secret; left empty, it stays."""

    max_name_length, max_url_length = MAX_NAME_LENGTH, MAX_URL_LENGTH

    name = forms.CharField(
        max_length=MAX_NAME_LENGTH, error_messages={"required": _("Name it, with at most 80 characters.")}
    )
    url = forms.CharField(required=False, max_length=MAX_URL_LENGTH)
    style = forms.ChoiceField(choices=Webhook.Style.choices)
    changes = forms.ChoiceField(choices=Webhook.Changes.choices)
    domain = forms.ChoiceField(required=False)
    sends_events = forms.BooleanField(required=False)
    is_active = forms.BooleanField(required=False)

    def __init__(self, data: Any, domains: Iterable[Domain], webhook: Webhook | None) -> None:
        super().__init__(data, initial=_read_initial(webhook))
        set_choices(self, "domain", [("", ""), *((one.slug, one.name) for one in domains)])

    @property
    def content(self) -> WebhookContent:
        said = self.cleaned_data
        return WebhookContent(
            name=said["name"],
            url=said["url"],
            style=said["style"],
            sends_events=said["sends_events"],
            changes=said["changes"],
            domain=said["domain"],
            is_active=said["is_active"],
        )


def _read_initial(webhook: Webhook | None) -> dict[str, Any]:
    if webhook is None:
        return {
            "style": Webhook.Style.JSON,
            "changes": Webhook.Changes.SHARED,
            "domain": "",
            "sends_events": False,
            "is_active": True,
        }
    return {
        "name": webhook.name,
        "style": webhook.style,
        "changes": webhook.changes,
        "domain": webhook.domain.slug if webhook.domain else "",
        "sends_events": webhook.sends_events,
        "is_active": webhook.is_active,
    }
