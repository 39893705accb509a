"""What would become of a changed item."""

from collections.abc import Iterable
from datetime import datetime

from identity.errors import RefusedError
from identity.people.models import Person
from portal.request_form.forecast import Ahead, refused_sentence
from portal.requests.forms import ChangeForm
from requests_app.access_requests.models import Item
from requests_app.policies.required_information import get_required_information
from requests_app.submission.changes import preview_change


def forecast_of_change(
    person: Person, item: Item, form: ChangeForm, picked: Iterable[str], now: datetime
) -> Ahead:
    """As the form stands: as it was asked for, until it is sent. What was demanded, where that does not make an ask."""
    if form.is_bound and not form.is_valid():
        return Ahead(demands=get_required_information(item))
    ends_at = form.ends_at(item, now) if form.is_bound else item.ends_at
    try:
        found = preview_change(person, item, form.ask(item, picked), ends_at, now)
    except RefusedError as refusal:
        return Ahead(refused_sentence(refusal), get_required_information(item))
    return Ahead(found.words, found.demands)
