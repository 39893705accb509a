"""What a person's teams have of each hit, what they wait for, and what they can request."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from catalog.discovery import find_refusals_by_product
from catalog.mirror.models import Table
from catalog.product_lifecycle.models import find_open_deprecations, find_shown_successors
from catalog.products.models import ProductLifecycle
from catalog.search.results import Hit
from identity.people.models import Person
from portal.access.own_query import build_query_url, choose_own_grant
from portal.pages.own_requests import build_request_notes
from requests_app.display_states.vocabulary import DisplayState, State
from requests_app.grants.end_dates import format_nearest_end
from requests_app.grants.own_requests import OwnRequest, find_own_requests
from requests_app.grants.queries import list_held_grants, select_queryable_grants
from requests_app.grants.reach import covers_table, is_ready

REQUESTABLE, NOT_REQUESTABLE = "requestable", "not_requestable"
ACCESS_STATES = (
    State.ACTIVE,
    State.WAITING_FOR_REVIEW,
    State.APPLYING,
    State.NEEDS_ATTENTION,
    State.FAILED,
    State.NOT_KNOWN,
    REQUESTABLE,
    NOT_REQUESTABLE,
)


@dataclass(frozen=True)
class HitAccess:
    """`state` is one of `ACCESS_STATES`. `request_id` is a request that is not decided or not applied yet, with its state.
    `table_id` is a table that can be requested, as part of the product `product_slug` if that was found; `reason` says why
    none can. `note`: since when it is requested, and who decides. `until` and `query_url` are of the own grant that reads it.
    """

    state: str
    request_id: int | None = None
    request_state: DisplayState | None = None
    table_id: int | None = None
    product_slug: str = ""
    reason: str = ""
    note: str = ""
    until: str = ""
    query_url: str = ""


def find_hit_access(
    person: Person, hits: Collection[Hit], notes_at: datetime | None = None
) -> dict[Hit, HitAccess]:
    """With notes and own grants if the current time is given. One query, one with products, two with grants, more with
    deprecated products and notes on what waits. It is not cached with the result, which a team shares.
    """
    own_requests = find_own_requests(person, {pk for hit in hits for pk in hit.table_ids})
    requests = {
        hit: _get_newest([own_requests[pk] for pk in hit.table_ids if pk in own_requests]) for hit in hits
    }
    successors = _find_successor_names(person, hits)
    built = {hit: _build_hit_access(hit, requests[hit], successors.get(hit.pk, "")) for hit in hits}
    products = {hit.pk: hit for hit in built if hit.kind == "product"}
    refusals = find_refusals_by_product(person, products) if products else {}
    refused = {
        hit: HitAccess(NOT_REQUESTABLE, reason=refusals[pk].reason)
        for pk, hit in products.items()
        if pk in refusals and built[hit].state == REQUESTABLE
    }
    access = built | refused
    if notes_at is None:
        return access
    shown = {
        request.item_id: request for hit in hits if (request := requests[hit]) and access[hit].request_id
    }
    notes = build_request_notes(shown, notes_at)
    result = {
        hit: replace(one, note=notes[request.item_id].text)
        if (request := requests[hit]) and one.request_id
        else one
        for hit, one in access.items()
    }
    return result | add_own_grants(person, result, notes_at)


def add_own_grants(person: Person, access: Mapping[Hit, HitAccess], now: datetime) -> dict[Hit, HitAccess]:
    """Of hits that the person has access to by a grant, with its nearest end and the page that queries it."""
    held_ids = {pk for hit in access if hit.has_access for pk in hit.table_ids}
    if not held_ids:
        return {}
    tables = Table.objects.filter(pk__in=held_ids, tombstoned_at=None)
    by_id = {table.pk: table for table in tables.select_related("database__catalog")}
    grants = select_queryable_grants(list_held_grants(person, list(by_id.values())), now)
    updated: dict[Hit, HitAccess] = {}
    for hit, hit_access in access.items():
        rows = [by_id[pk] for pk in hit.table_ids if pk in by_id]
        tables_by_grant = {grant: [row for row in rows if covers_table(grant, row)] for grant in grants}
        grant = choose_own_grant([own for own, covered in tables_by_grant.items() if covered])
        if grant is not None:
            updated[hit] = replace(
                hit_access,
                until=format_nearest_end(grant, short=True),
                query_url=build_query_url(grant, tables_by_grant[grant][0]) if is_ready(grant) else "",
            )
    return updated


def _get_newest(requests: Sequence[OwnRequest]) -> OwnRequest | None:
    """One that waits before one that is decided."""
    return max(requests, key=lambda request: (request.is_waiting, request.request_id), default=None)


def _build_hit_access(hit: Hit, request: OwnRequest | None, successor: str) -> HitAccess:
    if request and (request.is_waiting or not hit.has_access):
        state = State.ACTIVE if hit.has_access else request.display_state.state
        return HitAccess(state, request.request_id, request.display_state)
    if hit.has_access:
        return HitAccess(State.ACTIVE)
    if hit.lifecycle == ProductLifecycle.DEPRECATED:
        if not successor:
            obstacle = _("It is deprecated.")
        else:
            obstacle = _("It is deprecated. Request %(successor)s instead.") % {"successor": successor}
    elif not hit.table_ids:
        obstacle = _("This data product has no tables yet.")
    elif hit.kind == "table" and not hit.domain_slug:
        obstacle = _("It belongs to no domain yet, so nobody can give access to it.")
    else:
        obstacle = "" if hit.access == "ask" else _("Your teams have no role yet that could receive access.")
    if obstacle:
        return HitAccess(NOT_REQUESTABLE, reason=obstacle)
    return HitAccess(REQUESTABLE, table_id=hit.table_ids[0], product_slug=hit.slug)


def _find_successor_names(person: Person, hits: Collection[Hit]) -> dict[int, str]:
    """By deprecated product; no query without one."""
    ids = [hit.pk for hit in hits if hit.lifecycle == ProductLifecycle.DEPRECATED]
    found = find_open_deprecations(ids).values() if ids else ()
    return {pk: one.name for pk, one in find_shown_successors(person, found).items()}
