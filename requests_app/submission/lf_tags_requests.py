"""Request whatever carries LF-Tags."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from identity.accounts.models import ConnectedCatalog, Principal
from identity.errors import RefusedError, require_allowed
from identity.people.events import record_by_person
from identity.people.models import Person, Team
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.grants.models import EFFECTIVE_GRANTS, Grant
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
from requests_app.submission.may import may_submit_access_request_by_tags
from requests_app.targets.checks import check_principal
from requests_app.targets.lf_tags import TagsTarget, build_tags_target, parse_tag_expression


@transaction.atomic(durable=True)
def submit_access_request_by_tags(
    *,
    acting_user: Person,
    team: Team,
    principal: Principal,
    purpose: str,
    ends_at: datetime,
    catalog: ConnectedCatalog,
    tags: Mapping[str, Sequence[str]],
    members_hash: str,
    idempotency_key: str,
    now: datetime,
    offer_id: int | None = None,
    use: str = "",
    accepted_term_ids: Collection[int] = (),
    provided: ProvidedInformation = NOTHING_PROVIDED,
) -> AccessRequest:
    """Request all tables with these LF-Tags; `members_hash` names those shown. Like `submit_access_request` otherwise."""
    require_allowed(may_submit_access_request_by_tags(acting_user, team, principal))
    expression = parse_tag_expression(tags)
    words = {"team": team, "principal": principal, "purpose": purpose.strip(), "ends_at": ends_at}
    if first := find_submitted_request(acting_user, idempotency_key):
        form = {"tags": expression.to_json(), "offer_id": offer_id, "use": use}
        check_same_form(first, words, form, provided, now)
        return first
    found = build_tags_target(catalog, expression, acting_user)
    check_target_as_shown(found, members_hash, "tags", _get_tags_changed_message())
    items = [build_example_item(found)]
    check_form(purpose=purpose, ends_at=ends_at, items=items, idempotency_key=idempotency_key, now=now)
    check_principal(principal)
    check_tags_not_granted(found, principal, ends_at)
    offer = check_tags_offer(
        acting_user, offer_id, found, use=use, ends_at=ends_at, accepted_term_ids=accepted_term_ids, now=now
    )
    request = create_request(acting_user, idempotency_key, words, now)
    item = create_many_tables_item(request, found, offer, use, provided, tags=expression.to_json())
    _record_request(item, found, now)
    approve_automatically(item, now)
    return request


def check_tags_not_granted(found: TagsTarget, principal: Principal, ends_at: datetime) -> None:
    """RefusedError when the principal has whatever carries these LF-Tags, until then or longer."""
    had = Grant.objects.filter(
        EFFECTIVE_GRANTS,
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


def _record_request(item: RequestItem, found: TagsTarget, now: datetime) -> None:
    data = {"tags": found.expression.to_json(), **build_event_data(item, found)}
    record_by_person("submit_access_request_by_tags", item.requester, f"request:{item.request_id}", data, now)
