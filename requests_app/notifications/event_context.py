"""An audit event with its rows, and the people on each side of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import ngettext

from audit.models import Event
from identity.people.models import Membership, Person, PlatformRole, Team
from requests_app.access_requests.may import get_item_domain, may_view_item
from requests_app.access_requests.models import Item, Remark
from requests_app.access_requests.queries import ITEM_RELATED_FIELDS
from requests_app.notifications.event_templates import Side
from requests_app.review.may import list_deciders

LONGEST_WORDS = 300
LONGEST_REASON = 160
CAMPAIGN = "grant__campaign_lines__campaign"


@dataclass(frozen=True)
class Story:
    """`items` are those that the event is about: of a request all, else one; empty when nothing of it is an ask."""

    event: Event
    actor: Person | None
    items: tuple[Item, ...]

    def words(self, template: str, items: tuple[Item, ...]) -> str:
        """One line; what comes from people and catalogs is cut."""
        data = self.event.data
        said = template % {
            "actor": self.actor.name if self.actor else "Meshmarket",
            "what": _what(items) or _named_before(data.get("concerns")) + str(data.get("what", "")),
            "team": items[0].request.team.name if items else str(data.get("team", "")),
            "reason": str(data.get("reason") or data.get("found") or "")[:LONGEST_REASON],
        }
        return " ".join(said.split())[:LONGEST_WORDS]


def story_of(event: Event) -> Story:
    return Story(event, _actor(event), tuple(_items(event.subject)))


def concerned(story: Story, item: Item, sides: Iterable[Side]) -> list[Person]:
    """Who stands on one of the sides, may see the item, and did not do it themselves."""
    found: dict[int, Person] = {}
    for side in sides:
        found |= {person.pk: person for person in _ON_SIDE[side](story, item)}
    if story.actor:
        found.pop(story.actor.pk, None)
    return [one for one in found.values() if one.is_active and may_view_item(one, item)]


def named(story: Story) -> list[Person]:
    """Whom an event names that no ask is behind; not who did it."""
    return [one for one in _named(story) if one.is_active and one != story.actor]


def _what(items: tuple[Item, ...]) -> str:
    if len(items) > 1:
        return ngettext("%(n)d table", "%(n)d tables", len(items)) % {"n": len(items)}
    return (items[0].product.name if items[0].product else items[0].name) if items else ""


def _named_before(person: object) -> str:
    """The name of whom an event concerns, and a colon; events name people by their ids."""
    found = Person.objects.filter(pk=person).first() if isinstance(person, int) else None
    return f"{found.name}: " if found else ""


def _actor(event: Event) -> Person | None:
    kind, _colon, pk = event.actor.partition(":")
    return Person.objects.filter(pk=pk).first() if kind == "person" and pk.isdecimal() else None


def _items(subject: str) -> Iterable[Item]:
    kind, _colon, pk = subject.partition(":")
    path = {"item": "pk", "grant": "grant", "request": "request", "campaign": CAMPAIGN}.get(kind)
    if path is None or not pk.isdecimal():
        return ()
    return Item.objects.filter(**{path: int(pk)}).select_related(*ITEM_RELATED_FIELDS).order_by("pk")


def _asker(_story: Story, item: Item) -> Iterable[Person]:
    return [item.request.asker]


def _answers(_story: Story, item: Item) -> Iterable[Person]:
    owner = item.request.principal.living_owner
    return [owner] if owner else []


def _deciders(_story: Story, item: Item) -> Iterable[Person]:
    return list_deciders(item)


def _owners(_story: Story, item: Item) -> Iterable[Person]:
    domain = get_item_domain(item)
    return _with_role(domain.owner_team, Membership.Role.DATA_OWNER) if domain else ()


def _admins(_story: Story, item: Item) -> Iterable[Person]:
    return _with_role(item.request.principal.account.team, Membership.Role.ACCOUNT_ADMIN)


def _team(_story: Story, item: Item) -> Iterable[Person]:
    return Person.objects.filter(memberships__team=item.request.team_id).distinct()


def _talkers(_story: Story, item: Item) -> Iterable[Person]:
    return Person.objects.filter(pk__in=Remark.objects.filter(item=item).values("author"))


def _governance(_story: Story, _item: Item) -> Iterable[Person]:
    return Person.objects.filter(platform_roles__role=PlatformRole.Role.GOVERNANCE_ADMIN)


def _named(story: Story, _item: Item | None = None) -> Iterable[Person]:
    return Person.objects.filter(pk__in=story.event.data.get("people", []))


def _with_role(team: Team, role: Membership.Role) -> Iterable[Person]:
    return Person.objects.filter(memberships__team=team, memberships__role=role)


_ON_SIDE: dict[Side, Callable[[Story, Item], Iterable[Person]]] = {
    Side.ASKER: _asker,
    Side.ANSWERS: _answers,
    Side.DECIDERS: _deciders,
    Side.OWNERS: _owners,
    Side.ADMINS: _admins,
    Side.TEAM: _team,
    Side.TALKERS: _talkers,
    Side.GOVERNANCE: _governance,
    Side.NAMED: _named,
}
