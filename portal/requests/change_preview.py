"""Preview of a changed item."""

from collections.abc import Iterable
from datetime import datetime

from identity.people.models import Person
from kernel.errors import RefusedError
from portal.request_form.preview import FormPreview, describe_refusal
from portal.requests.forms import ChangeForm
from requests_app.access_requests.models import RequestItem
from requests_app.policies.required_information import get_required_information
from requests_app.submission.changes import preview_change


def preview_change_form(
    person: Person, item: RequestItem, form: ChangeForm, picked: Iterable[str], now: datetime
) -> FormPreview:
    """Of the original item while the form is unbound. An invalid form keeps the required information of the item."""
    if form.is_bound and not form.is_valid():
        return FormPreview(required_information=get_required_information(item))
    ends_at = form.ends_at(item, now) if form.is_bound else item.ends_at
    try:
        found = preview_change(person, item, form.build_requested_item(item, picked), ends_at, now)
    except RefusedError as refusal:
        return FormPreview(describe_refusal(refusal), get_required_information(item))
    return FormPreview(found.text, found.required_information)
