"""The verb of asking for every table of a database, those yet to come too. What is decided on, and how it ends, is as
for any item.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record
from catalog.mirror.models import Database
from identity.accounts.models import Principal
from identity.errors import RefusedError, demand
from identity.people.models import Person, Team
from requests_app.asks import check_form, check_principal, sent_under
from requests_app.by_database.may import may_submit_request_for_database
from requests_app.by_database.reach import FIELD, Whole, changed_since, whole
from requests_app.models import GIVES, AccessRequest, Grant, Item
from requests_app.reaching.asking import check_same_form, check_shown, example_of, recorded, write_item
from requests_app.rules.answering import NOTHING_SAID, Said
from requests_app.rules.automatic import say_yes_at_once
from requests_app.under_offers.many import offer_for_database


@transaction.atomic(durable=True)
def submit_request_for_database(
    *,
    acting_user: Person,
    team: Team,
    principal: Principal,
    purpose: str,
    ends_at: datetime,
    database: Database,
    mark: str,
    submission_key: str,
    now: datetime,
    offer_id: int | None = None,
    use: str = "",
    accepts: Collection[int] = (),
    said: Said = NOTHING_SAID,
) -> AccessRequest:
    """Ask for every table of a database, those yet to come too; `mark` names what the person saw of it. The first
    request when it was sent before under this key. For offer, use, terms, `said` see `submit_request`.

    Raises ForbiddenError, or RefusedError naming the input that does not stand.
    """
    demand(may_submit_request_for_database(acting_user, team, principal))
    words = {"team": team, "principal": principal, "purpose": purpose.strip(), "ends_at": ends_at}
    if first := sent_under(acting_user, submission_key):
        check_same_form(first, words, {"whole_database": True, "offer_id": offer_id, "use": use}, said, now)
        return first
    found = whole(database, acting_user)
    check_shown(found, mark, FIELD, changed_since())
    check_form(purpose=purpose, ends_at=ends_at, items=[example_of(found)], key=submission_key, now=now)
    check_principal(principal)
    check_not_had(found, principal, ends_at)
    offer = offer_for_database(
        acting_user, offer_id, found, use=use, ends_at=ends_at, accepts=accepts, now=now
    )
    request = AccessRequest.objects.create(
        requester=acting_user, submission_key=submission_key, submitted_at=now, **words
    )
    _record(item := write_item(request, found, offer, use, said, whole_database=True), found, now)
    say_yes_at_once(item, now)
    return request


def check_not_had(found: Whole, principal: Principal, ends_at: datetime) -> None:
    """RefusedError when the principal has every table of the database, until then or longer."""
    had = Grant.objects.filter(
        GIVES,
        principal=principal,
        item__whole_database=True,
        table__database=found.database,
        ends_at__gte=ends_at,
    )
    if had.exists():
        words = {"role": principal.name, "database": found.database}
        raise RefusedError(_("%(role)s has every table of %(database)s already.") % words, FIELD)


def _record(item: Item, found: Whole, now: datetime) -> None:
    data = {"database": found.database.pk, **recorded(item, found)}
    actor, subject = f"person:{item.requester_id}", f"request:{item.request_id}"
    record(verb="submit_request_for_database", actor=actor, subject=subject, data=data, now=now)
