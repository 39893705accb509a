"""The basket: tables that a person collects for a team before requesting them. A draft, without audit events.

It is looked up by its person and team, never by an id, so that nobody can name another's basket.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.products.offers.queries import RELATED_ROWS as OFFER_ROWS
from identity.people.may import get_team_ids
from identity.people.models import Person, Team
from kernel.errors import NotFoundError, RefusedError
from requests_app.access_requests.item_targets import get_extent
from requests_app.access_requests.models import AccessRequest
from requests_app.access_requests.queries import list_own_requests
from requests_app.policy_engine.request_texts import REQUEST_TEXTS, TEXT_NAMES
from requests_app.submission.form_checks import MAX_ITEMS
from requests_app.submission.models import Basket, BasketItem
from requests_app.targets.checks import check_requested_item
from requests_app.targets.deprecations import check_requestable, read_table_products
from requests_app.targets.recipients import Recipient, list_requestable_principals
from requests_app.targets.requested_item import RequestedItem
from requests_app.targets.visible_targets import read_visible_targets


@dataclass(frozen=True)
class SentBasket:
    """`left_out` says why tables were not requested; without `is_new`, it was sent before."""

    request: AccessRequest
    is_new: bool
    left_out: tuple[str, ...] = ()


def list_requesting_teams(person: Person) -> tuple[Team, ...]:
    """Teams for whose roles the person may request access, the latest used first."""
    roles = list_requestable_principals(person)
    teams = Team.objects.filter(pk__in=roles.order_by().values("account__team")).order_by("name")
    last = list_own_requests(person).values_list("principal__account__team", flat=True).first()
    return tuple(sorted(teams, key=lambda team: team.pk != last))


def list_basket_teams(person: Person) -> tuple[Team, ...]:
    """Teams of the person's whose basket holds something."""
    filled = BasketItem.objects.filter(basket__person=person).values("basket__team")
    return tuple(Team.objects.filter(pk__in=filled).filter(pk__in=get_team_ids(person)).order_by("name"))


def get_own_team(person: Person, slug: str) -> Team:
    """A team of the person's. NotFoundError for any other."""
    team = Team.objects.filter(slug=slug, pk__in=get_team_ids(person)).first()
    if team is None:
        raise NotFoundError
    return team


def get_basket(person: Person, team: Team) -> Basket:
    """The basket as kept; empty, and not yet a row, before the first thing is put in."""
    mine = Basket.objects.select_related("principal__account")
    return mine.filter(person=person, team=team).first() or Basket(person=person, team=team)


def list_basket_items(person: Person, team: Team) -> list[BasketItem]:
    """What is in it, as it was put in. A fixed number of queries."""
    rows = BasketItem.objects.filter(basket__person=person, basket__team=team).order_by("pk")
    related = (
        "product__domain__owner_team",
        "table__database__catalog",
        "table__database__domain__owner_team",
        *(f"offer__{path}" for path in OFFER_ROWS),
    )
    return list(rows.select_related(*related).prefetch_related("table__columns", "offer__tables"))


@transaction.atomic
def add_to_basket(
    *, person: Person, team: Team, requested_items: Sequence[RequestedItem], now: datetime
) -> None:
    """Put tables in; one that is in already is replaced. RefusedError, with nothing added, for an
    invalid request or a full basket; NotFoundError for another's team.
    """
    get_own_team(person, team.slug)
    basket = get_locked_basket(person, team)
    visible_targets = read_visible_targets(person, requested_items)
    products = read_table_products([ask.table_id for ask in requested_items], person, team, now)
    for ask in requested_items:
        checked = check_requested_item(visible_targets, ask)
        check_requestable(products, checked, now)
        requested_item = replace(ask, columns=checked.columns, row_filter=checked.row_filter)
        BasketItem.objects.update_or_create(
            basket=basket,
            table_id=requested_item.table_id,
            defaults={
                **get_extent(requested_item),
                "product_id": requested_item.product_id,
                "offer_id": requested_item.offer_id,
                "use": requested_item.use,
                "added_at": now,
            },
        )
    _check_size(basket)
    _increase_version(basket)


@transaction.atomic
def collect_tables(*, person: Person, team: Team, tables: Mapping[int, int | None], now: datetime) -> None:
    """Put tables in without choosing columns of them; `tables` are the product of each, by table. Those that are in stay as they are.
    RefusedError, with nothing added, for what can't be requested, or a full basket; NotFoundError for another's team.
    """
    get_own_team(person, team.slug)
    basket = get_locked_basket(person, team)
    asks = [RequestedItem(table, whole_table=True, product_id=product) for table, product in tables.items()]
    visible_targets, products = (
        read_visible_targets(person, asks),
        read_table_products(tables, person, team, now),
    )
    for ask in asks:
        # Whatever is chosen later, the table must be one that can be requested.
        checked = check_requested_item(visible_targets, ask)
        check_requestable(products, checked, now)
    rows = [
        BasketItem(basket=basket, table_id=table, product_id=product, added_at=now)
        for table, product in tables.items()
    ]
    BasketItem.objects.bulk_create(rows, ignore_conflicts=True)
    _check_size(basket)
    _increase_version(basket)


@transaction.atomic
def remove_from_basket(*, person: Person, team: Team, tables: Collection[int]) -> None:
    """Take tables out; those that are not in it change nothing. NotFoundError for another's team."""
    get_own_team(person, team.slug)
    if BasketItem.objects.filter(basket__person=person, basket__team=team, table__in=tables).exists():
        remove_items(get_locked_basket(person, team), tables)


@transaction.atomic
def save_basket_form(
    *,
    person: Person,
    team: Team,
    texts: Mapping[str, str],
    ends_on: date | None,
    recipient: Recipient | None,
) -> None:
    """Keep what was typed beside the basket, so that nothing is lost by leaving the page. NotFoundError."""
    get_own_team(person, team.slug)
    basket = get_locked_basket(person, team)
    for text in REQUEST_TEXTS:
        setattr(basket, text.name, texts[text.name].strip()[: text.max_length])
    basket.ends_on = ends_on
    basket.principal = recipient.principal if recipient else None
    basket.group = recipient.group if recipient else None
    basket.save(update_fields=[*TEXT_NAMES, "ends_on", "principal", "group"])


def get_locked_basket(person: Person, team: Team) -> Basket:
    """The basket's row, made if need be, locked until the end of the transaction."""
    basket, _made = Basket.objects.get_or_create(person=person, team=team)
    return Basket.objects.select_for_update().get(pk=basket.pk)


def list_requested_items(basket: Basket) -> list[RequestedItem]:
    """Its items of which something is chosen, in the order in which they were added."""
    return [build_requested_item(item) for item in basket.items.order_by("pk") if item.is_chosen]


def build_requested_item(item: BasketItem) -> RequestedItem:
    return RequestedItem(
        item.table_id,
        product_id=item.product_id,
        offer_id=item.offer_id,
        use=item.use,
        **get_extent(item),
    )


def build_idempotency_key(basket: Basket, version: int) -> str:
    """The submission key of what it held as this version: sent twice, it is one request."""
    return f"basket-{basket.pk}-{version}"


def check_basket_version(basket: Basket, version: int) -> None:
    """RefusedError when it changed since it was shown, say in another tab."""
    if basket.version != version:
        words = _("Your basket changed after you opened it. This is the current version; nothing was sent.")
        raise RefusedError(words, "basket")


def remove_items(basket: Basket, tables: Collection[int], *, clear_texts: bool = False) -> None:
    """Take tables out of a locked basket; after sending the texts have served, too."""
    basket.items.filter(table__in=tables).delete()
    if clear_texts:
        Basket.objects.filter(pk=basket.pk).update(**dict.fromkeys(TEXT_NAMES, ""))
    _increase_version(basket)


def _check_size(basket: Basket) -> None:
    if basket.items.count() > MAX_ITEMS:
        words = _("A basket can hold at most %(most)s tables. Send the request, or remove something.")
        raise RefusedError(words % {"most": MAX_ITEMS}, "items")


def _increase_version(basket: Basket) -> None:
    basket.version += 1
    basket.save(update_fields=["version"])
