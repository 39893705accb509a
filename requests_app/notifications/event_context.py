"""An audit event with its rows, and the people on each side of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import ngettext

from audit.models import Event
from catalog.follows import filter_viewers, list_domain_followers, list_product_followers
from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.search.models import SavedSearch
from decisions.kinds import iterate_decided_kinds
from identity.people.models import Membership, Person, PlatformRole, Team
from requests_app.access_requests.may import get_item_domain, may_view_item
from requests_app.access_requests.models import Comment, RequestItem
from requests_app.access_requests.queries import ITEM_RELATED_FIELDS
from requests_app.notifications.template_values import SUBJECT_PAGE, RecipientSide
from requests_app.product_retirement.plan import list_product_consumers, list_table_consumers
from requests_app.review.may import list_deciders

MAX_TEXT_LENGTH = 300
SAVED_SEARCH, PRODUCT, PROBLEM, QUESTION = "saved_search", "product", "problem", "question"
SUBJECTS_WITH_PAGE = frozenset(
    {
        SAVED_SEARCH,
        PRODUCT,
        PROBLEM,
        QUESTION,
        "crawler_run",
        "recreated_table",
        "release_note",
        "term_proposal",
    }
)
"""Kinds of subjects to whose own page a notification leads, besides the kinds of decisions that have pages."""
MAX_REASON_LENGTH = 160
ACCESS_REVIEW_PATH = "grant__access_review_items__access_review"


@dataclass(frozen=True)
class EventContext:
    """`items` are those that the event is about: of a request all, else one; empty without a request. `search_name` is the name
    of its saved search, which the event itself does not tell.
    """

    event: Event
    actor: Person | None
    items: tuple[RequestItem, ...]
    search_name: str = ""

    def format_text(self, template: str, items: tuple[RequestItem, ...]) -> str:
        """One line; what comes from people and catalogs is cut."""
        data = self.event.data
        if len(items) > 1:
            items_text = ngettext("%(n)d table", "%(n)d tables", len(items)) % {"n": len(items)}
        else:
            items_text = (items[0].product.name if items[0].product else items[0].name) if items else ""
        text = template % {
            "actor": self.actor.name if self.actor else "Meshmarket",
            "what": items_text
            or self.search_name
            or _get_person_prefix(data.get("concerns")) + str(data.get("what", "")),
            "count": data.get("count", ""),
            "team": items[0].request.team.name if items else str(data.get("team", "")),
            "reason": str(data.get("reason") or data.get("found") or "")[:MAX_REASON_LENGTH],
        }
        return " ".join(text.split())[:MAX_TEXT_LENGTH]


def has_own_page(subject_kind: str) -> bool:
    return subject_kind in SUBJECTS_WITH_PAGE or any(
        kind.name == subject_kind and kind.page for kind in iterate_decided_kinds()
    )


def find_page(event: Event, page: str) -> str:
    """The name of the page of a template, which may be that of the event's subject."""
    if page != SUBJECT_PAGE:
        return page
    subject_kind = event.subject.partition(":")[0]
    return next((kind.page for kind in iterate_decided_kinds() if kind.name == subject_kind), "review")


def build_event_context(event: Event) -> EventContext:
    kind, _colon, pk = event.actor.partition(":")
    actor = Person.objects.filter(pk=pk).first() if kind == "person" and pk.isdecimal() else None
    return EventContext(event, actor, tuple(_find_items(event.subject)), _find_search_name(event.subject))


def list_recipients(context: EventContext, item: RequestItem, sides: Iterable[RecipientSide]) -> list[Person]:
    """People of these sides who may see the item, without the one who acted and those who are told that they were mentioned."""
    found: dict[int, Person] = {}
    for side in sides:
        found |= {person.pk: person for person in _PEOPLE_BY_SIDE[side](context, item)}
    for person_id in (context.actor.pk if context.actor else None, *context.event.data.get("mentioned", ())):
        found.pop(person_id, None)
    return [one for one in found.values() if one.is_active and may_view_item(one, item)]


def list_named_people(
    context: EventContext, sides: Iterable[RecipientSide], *, tells_actor: bool = False
) -> list[Person]:
    """Whom an event without a request names, or who uses or follows its product, once each; who did it only if told so. Of a
    saved search that was deleted, nobody.
    """
    if context.event.subject.startswith(f"{SAVED_SEARCH}:") and not context.search_name:
        return []
    found = {
        person.pk: person
        for side in sides
        if side in _SIDES_OF_PRODUCT
        for person in _SIDES_OF_PRODUCT[side](context)
    }
    return [one for one in found.values() if one.is_active and (tells_actor or one != context.actor)]


def _get_person_prefix(person: object) -> str:
    """The name of whom an event concerns, and a colon; events name people by their ids."""
    found = Person.objects.filter(pk=person).first() if isinstance(person, int) else None
    return f"{found.name}: " if found else ""


def _find_search_name(subject: str) -> str:
    """Empty if it was deleted."""
    kind, _colon, pk = subject.partition(":")
    found = SavedSearch.objects.filter(pk=pk).first() if kind == SAVED_SEARCH else None
    return found.name if found else ""


def _find_items(subject: str) -> Iterable[RequestItem]:
    kind, _colon, pk = subject.partition(":")
    path = {"item": "pk", "grant": "grant", "request": "request", "access_review": ACCESS_REVIEW_PATH}.get(
        kind
    )
    if path is None or not pk.isdecimal():
        return ()
    return RequestItem.objects.filter(**{path: int(pk)}).select_related(*ITEM_RELATED_FIELDS).order_by("pk")


def _list_requester(_context: EventContext, item: RequestItem) -> Iterable[Person]:
    return [item.request.current_requester]


def _list_responsible_person(_context: EventContext, item: RequestItem) -> Iterable[Person]:
    owner = item.request.principal.active_responsible_person
    return [owner] if owner else []


def _list_deciders(_context: EventContext, item: RequestItem) -> Iterable[Person]:
    return list_deciders(item)


def _list_data_owners(_context: EventContext, item: RequestItem) -> Iterable[Person]:
    domain = get_item_domain(item)
    return _list_with_role(domain.owner_team, Membership.Role.DATA_OWNER) if domain else ()


def _list_account_admins(_context: EventContext, item: RequestItem) -> Iterable[Person]:
    return _list_with_role(item.request.principal.account.team, Membership.Role.ACCOUNT_ADMIN)


def _list_team(_context: EventContext, item: RequestItem) -> Iterable[Person]:
    return Person.objects.filter(memberships__team=item.request.team_id).distinct()


def _list_commenters(_context: EventContext, item: RequestItem) -> Iterable[Person]:
    return Person.objects.filter(pk__in=Comment.objects.filter(item=item).values("author"))


def _list_governance_admins(_context: EventContext, _item: RequestItem) -> Iterable[Person]:
    return Person.objects.filter(platform_roles__role=PlatformRole.Role.GOVERNANCE_ADMIN)


def _list_named(context: EventContext, _item: RequestItem | None = None) -> Iterable[Person]:
    return Person.objects.filter(pk__in=context.event.data.get("people", []))


def _list_named_viewers(context: EventContext) -> Iterable[Person]:
    """For a problem or a question, lists those who still see its product."""
    people = _list_named(context)
    kind = context.event.subject.partition(":")[0]
    product = _find_product(context) if kind in {PROBLEM, QUESTION} else None
    return filter_viewers(product, people) if product else people


def _list_consumers(context: EventContext) -> Iterable[Person]:
    product = _find_product(context)
    return list_product_consumers(product) if product else ()


def _list_followers(context: EventContext) -> Iterable[Person]:
    product = _find_product(context)
    return list_product_followers(product) if product else ()


def _list_domain_followers(context: EventContext) -> Iterable[Person]:
    product = _find_product(context)
    return list_domain_followers(product) if product else ()


def _find_product(context: EventContext) -> DataProduct | None:
    """Its subject, or what its data name."""
    kind, _colon, pk = context.event.subject.partition(":")
    found = int(pk) if kind == PRODUCT and pk.isdecimal() else context.event.data.get("product")
    return DataProduct.objects.select_related("domain").filter(pk=found).first()


def _list_table_consumers(context: EventContext) -> Iterable[Person]:
    table = Table.objects.filter(pk=context.event.data.get("table")).select_related("database").first()
    return list_table_consumers(table) if table else ()


def _list_with_role(team: Team, role: Membership.Role) -> Iterable[Person]:
    return Person.objects.filter(memberships__team=team, memberships__role=role)


_PEOPLE_BY_SIDE: dict[RecipientSide, Callable[[EventContext, RequestItem], Iterable[Person]]] = {
    RecipientSide.REQUESTER: _list_requester,
    RecipientSide.RESPONSIBLE: _list_responsible_person,
    RecipientSide.DECIDERS: _list_deciders,
    RecipientSide.DATA_OWNERS: _list_data_owners,
    RecipientSide.ACCOUNT_ADMINS: _list_account_admins,
    RecipientSide.TEAM: _list_team,
    RecipientSide.COMMENTERS: _list_commenters,
    RecipientSide.GOVERNANCE: _list_governance_admins,
    RecipientSide.NAMED: _list_named,
}
_SIDES_OF_PRODUCT: dict[RecipientSide, Callable[[EventContext], Iterable[Person]]] = {
    RecipientSide.NAMED: _list_named_viewers,
    RecipientSide.CONSUMERS: _list_consumers,
    RecipientSide.TABLE_CONSUMERS: _list_table_consumers,
    RecipientSide.FOLLOWERS: _list_followers,
    RecipientSide.DOMAIN_FOLLOWERS: _list_domain_followers,
}
"""Of events without a request."""
