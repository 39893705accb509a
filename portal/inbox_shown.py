"""The inbox made ready for its page: what is sought, as its address says it, and each row with its risk in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Classification, DataProduct, Domain
from identity.models import Person, Team
from portal.shown import ItemShown, item_shown
from requests_app.inbox import Kind, Order, Sought, Waiting, Whose, waiting
from requests_app.loaders import decidable_by
from requests_app.models import Item
from requests_app.risk import Risk
from requests_app.weighing import risk_of

AGES = (1, 3, 7, 30)
"""Days for which something has waited, to choose from."""
LONGEST = 80
Choice = TypeVar("Choice", bound=TextChoices)


@dataclass(frozen=True)
class Row:
    """One item; `may_decide` is about the person who looks."""

    shown: ItemShown
    risk: Risk | None
    may_decide: bool


@dataclass(frozen=True)
class Filter:
    """A field of the filter: its values with their words, and the one that is chosen."""

    name: str
    label: str
    every: str
    chosen: str
    options: Sequence[tuple[str, str]]


def sought_of(said: Mapping[str, str]) -> Sought:
    """What an address asks for; what it says wrongly counts for nothing."""
    kinds, classes = dict(Kind.choices), dict(Classification.choices)
    days = said.get("days", "")
    return Sought(
        whose=_one_of(Whose, said.get("whose"), Whose.MINE),
        domain=said.get("domain", "")[:LONGEST],
        product=said.get("product", "")[:LONGEST],
        classification=said["classification"] if said.get("classification") in classes else "",
        team=said.get("team", "")[:LONGEST],
        kind=said["kind"] if said.get("kind") in kinds else "",
        days=int(days) if days in {str(age) for age in AGES} else None,
        order=_one_of(Order, said.get("order"), Order.RISK),
        after=_after(said.get("after", "")),
    )


def address_of(sought: Sought) -> str:
    """The query string that asks for it; nothing for what is usual."""
    values = {
        "whose": sought.whose if sought.whose != Whose.MINE else "",
        "domain": sought.domain,
        "product": sought.product,
        "classification": sought.classification,
        "team": sought.team,
        "kind": sought.kind,
        "days": sought.days,
        "order": sought.order if sought.order != Order.RISK else "",
        "after": "{}-{}".format(*sought.after) if sought.after else "",
    }
    return "?" + urlencode({name: str(value) for name, value in values.items() if value})


def rows_of(items: Iterable[Item], person: Person, now: datetime) -> list[Row]:
    """One query: which of them the person may decide on."""
    items = list(items)
    mine = set(decidable_by(person).filter(pk__in=[item.pk for item in items]).values_list("pk", flat=True))
    return [Row(item_shown(item, now), risk_of(item), item.pk in mine) for item in items]


def next_url(sought: Sought, found: Waiting) -> str:
    return address_of(replace(sought, after=found.following)) if found.following else ""


def tabs(sought: Sought) -> list[tuple[str, str, bool]]:
    """Whose inbox: its words, its address, whether it is the one shown. Other filters stay."""
    return [
        (str(one.label), address_of(replace(sought, whose=one, after=None)), one == sought.whose)
        for one in Whose
    ]


def orders(sought: Sought) -> list[tuple[str, str, bool]]:
    return [
        (str(one.label), address_of(replace(sought, order=one, after=None)), one == sought.order)
        for one in Order
    ]


def filters(person: Person, sought: Sought) -> list[Filter]:
    """What can be chosen among what waits. Three queries."""
    ids = waiting(person, sought.whose)
    products = DataProduct.objects.filter(pk__in=ids.values("product")).values_list("slug", "name")
    teams = Team.objects.filter(pk__in=ids.values("request__team")).values_list("slug", "name")
    in_database = Domain.objects.filter(pk__in=ids.values("table__database__domain"))
    of_product = Domain.objects.filter(pk__in=ids.values("product__domain"))
    domains = (in_database | of_product).values_list("slug", "name")
    ages = [(str(age), ngettext("a day", "%(n)d days", age) % {"n": age}) for age in AGES]
    return [
        Filter("domain", _("Domain"), _("every domain"), sought.domain, _named(domains)),
        Filter("product", _("Product"), _("every product"), sought.product, _named(products)),
        Filter("team", _("Asked by"), _("every team"), sought.team, _named(teams)),
        Filter(
            "classification", _("Classification"), _("any"), sought.classification, _worded(Classification)
        ),
        Filter("kind", _("Asks for"), _("anything"), sought.kind, _worded(Kind)),
        Filter("days", _("Waits for at least"), _("any time"), str(sought.days or ""), ages),
    ]


def _named(found: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(set(found), key=lambda one: one[1].casefold())


def _worded(choices: type[TextChoices]) -> list[tuple[str, str]]:
    return [(one.value, str(one.label)) for one in choices]


def _one_of(choices: type[Choice], said: str | None, usual: Choice) -> Choice:
    return next((one for one in choices if one.value == said), usual)


def _after(said: str) -> tuple[int, int] | None:
    risk, _dash, pk = said.partition("-")
    plain = risk.isascii() and pk.isascii() and risk.isdecimal() and pk.isdecimal()
    return (int(risk), int(pk)) if plain and len(risk) < 6 and len(pk) < 19 else None  # noqa: PLR2004
