"""The verb of asking by LF-Tags. What is decided on, and how it ends, is as for any item."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import record
from catalog.offers.models import OfferVersion
from identity.models import ConnectedCatalog, Person, Principal, Team
from requests_app.asks import ItemAsk, check_form, check_principal, sent_before
from requests_app.by_tags.may import may_submit_request_by_tags
from requests_app.by_tags.reach import Reached, expression_of, reached
from requests_app.errors import RefusedError, demand
from requests_app.models import AccessRequest, Grant, Item
from requests_app.rules.automatic import say_yes_at_once
from requests_app.rules.judging import rules_stand_still
from requests_app.states import GrantState
from requests_app.under_offers.tags import offer_for_tags
from requests_app.weighing import check_and_weigh


@transaction.atomic(durable=True)
def submit_request_by_tags(
    *,
    acting_user: Person,
    team: Team,
    principal: Principal,
    purpose: str,
    ends_at: datetime,
    catalog: ConnectedCatalog,
    tags: Mapping[str, Sequence[str]],
    mark: str,
    submission_key: str,
    now: datetime,
    offer_id: int | None = None,
    use: str = "",
    accepts: Collection[int] = (),
) -> AccessRequest:
    """Ask for whatever carries these LF-Tags in a catalog; `mark` names what the person saw of it. The first
    request when it was sent before under this key. For offer, use and terms see `submit_request`.

    Raises ForbiddenError, or RefusedError naming the input that does not stand.
    """
    demand(may_submit_request_by_tags(acting_user, team, principal))
    expression = expression_of(tags)
    words = {"team": team, "principal": principal, "purpose": purpose.strip(), "ends_at": ends_at}
    mine = AccessRequest.objects.filter(requester=acting_user, submission_key=submission_key)
    if first := mine.first():
        _check_same(first, words, {"tags": expression.to_json(), "offer_id": offer_id, "use": use})
        return first
    found = _shown(reached(catalog, expression, acting_user), mark)
    example = ItemAsk(found.tables[0].table.pk, (), whole_table=True, product_id=None)
    check_form(purpose=purpose, ends_at=ends_at, items=[example], key=submission_key, now=now)
    check_principal(principal)
    _check_not_had(found, principal, ends_at)
    offer = offer_for_tags(acting_user, offer_id, found, use=use, ends_at=ends_at, accepts=accepts, now=now)
    request = AccessRequest.objects.create(
        requester=acting_user, submission_key=submission_key, submitted_at=now, **words
    )
    _record(request, found, now)
    say_yes_at_once(_write_item(request, found, offer, use), now)
    return request


def _shown(found: Reached, mark: str) -> Reached:
    if found.refusal:
        raise RefusedError(found.refusal, "tags")
    if found.mark != mark:
        raise RefusedError(
            _("What carries these LF-Tags has changed since it was shown. Look again."), "tags"
        )
    return found


def _write_item(request: AccessRequest, found: Reached, offer: OfferVersion | None, use: str) -> Item:
    item = Item(
        request=request,
        requester=request.requester,
        table=found.tables[0].table,
        whole_table=True,
        tags=found.expression.to_json(),
        offer=offer,
        use=use,
        ends_at=request.ends_at,
        state_changed_at=request.submitted_at,
    )
    rules_stand_still()
    check_and_weigh(item)
    item.save()
    return item


def _check_same(first: AccessRequest, words: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    before = first.items.first()
    same = before is not None and all(getattr(before, name) == value for name, value in asked.items())
    same = same and all(getattr(first, name) == words[name] for name in ("team", "principal", "purpose"))
    if not same or timezone.localdate(first.ends_at) != timezone.localdate(words["ends_at"]):
        raise sent_before()


def _check_not_had(found: Reached, principal: Principal, ends_at: datetime) -> None:
    had = Grant.objects.filter(
        principal=principal,
        item__tags=found.expression.to_json(),
        item__table__database__catalog=found.catalog,
        state=GrantState.LIVE,
        ends_at__gte=ends_at,
    )
    if had.exists():
        words = {"role": principal.name, "tags": found.expression.text}
        raise RefusedError(_("%(role)s has whatever carries %(tags)s already.") % words, "tags")


def _record(request: AccessRequest, found: Reached, now: datetime) -> None:
    data = {
        "team": request.team_id,
        "principal": request.principal_id,
        "ends_at": request.ends_at.isoformat(),
        "catalog": found.catalog.pk,
        "tags": found.expression.to_json(),
        "tables": [one.table.pk for one in found.tables],
    }
    actor, subject = f"person:{request.requester_id}", f"request:{request.pk}"
    record(verb="submit_request_by_tags", actor=actor, subject=subject, data=data, now=now)
