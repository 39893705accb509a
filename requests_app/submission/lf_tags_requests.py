"""Request whatever carries LF-Tags."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from identity.accounts.models import ConnectedCatalog, Principal
from identity.errors import RefusedError, demand
from identity.people.events import record_by_person
from identity.people.models import Person, Team
from requests_app.access_requests.models import AccessRequest, Item
from requests_app.grants.models import GIVES_ACCESS, Grant
from requests_app.policies.required_information import NOTHING_PROVIDED, ProvidedInformation
from requests_app.review.auto_approval import approve_automatically
from requests_app.submission.form_checks import check_form, find_submitted_request
from requests_app.submission.many_tables import (
    build_event_data,
    build_example_item,
    check_same_form,
    check_target_as_shown,
    create_many_tables_item,
    create_request,
)
from requests_app.submission.many_tables_offers import check_tags_offer
from requests_app.submission.may import may_submit_request_by_tags
from requests_app.targets.checks import check_principal
from requests_app.targets.lf_tags import TagsTarget, build_tags_target, parse_tag_expression


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
    provided: ProvidedInformation = NOTHING_PROVIDED,
) -> AccessRequest:
    """Ask for whatever carries these LF-Tags in a catalog; `mark` names what the person saw of it. The first
    request when it was sent before under this key. For offer, use, terms, `provided` see `submit_request`.
    Raises ForbiddenError, or RefusedError naming the input that does not stand.
    """
    demand(may_submit_request_by_tags(acting_user, team, principal))
    expression = parse_tag_expression(tags)
    asked = {"tags": expression.to_json()}
    words = {"team": team, "principal": principal, "purpose": purpose.strip(), "ends_at": ends_at}
    if first := find_submitted_request(acting_user, submission_key):
        check_same_form(first, words, {**asked, "offer_id": offer_id, "use": use}, provided, now)
        return first
    found = build_tags_target(catalog, expression, acting_user)
    check_target_as_shown(found, mark, "tags", _get_tags_changed_message())
    items = [build_example_item(found)]
    check_form(purpose=purpose, ends_at=ends_at, items=items, key=submission_key, now=now)
    check_principal(principal)
    check_tags_not_granted(found, principal, ends_at)
    offer = check_tags_offer(acting_user, offer_id, found, use=use, ends_at=ends_at, accepts=accepts, now=now)
    request = create_request(acting_user, submission_key, words, now)
    item = create_many_tables_item(request, found, offer, use, provided, **asked)
    _record_request(item, found, now)
    approve_automatically(item, now)
    return request


def check_tags_not_granted(found: TagsTarget, principal: Principal, ends_at: datetime) -> None:
    """RefusedError when the principal has whatever carries these LF-Tags, until then or longer."""
    had = Grant.objects.filter(
        GIVES_ACCESS,
        principal=principal,
        item__tags=found.expression.to_json(),
        item__table__database__catalog=found.catalog,
        ends_at__gte=ends_at,
    )
    if had.exists():
        words = {"role": principal.name, "tags": found.expression.text}
        raise RefusedError(_("%(role)s already has access to everything with %(tags)s.") % words, "tags")


def _get_tags_changed_message() -> str:
    return _("The tables with these LF-Tags have changed since you opened this page. Check again.")


def _record_request(item: Item, found: TagsTarget, now: datetime) -> None:
    data = {"tags": found.expression.to_json(), **build_event_data(item, found)}
    record_by_person("submit_request_by_tags", item.requester, f"request:{item.request_id}", data, now)
