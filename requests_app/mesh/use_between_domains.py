"""Who uses whose data: live grants by the domain that uses and the domain that answers for the data."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce

from catalog.products.models import Domain
from identity.people.models import Person
from requests_app.grants.models import EFFECTIVE_GRANTS
from requests_app.grants.queries import list_visible_grants

MAX_CELLS = 5000


@dataclass(frozen=True)
class UseCell:
    """`user` is the team that uses, with the domains that it answers for. `owner` is a domain's id, None for data without
    a domain.
    """

    team: int
    user: str
    owner: int | None
    owner_name: str
    grants: int
    tables: int


def list_live_grants(person: Person, now: datetime) -> QuerySet[Any]:
    """Lists grants that the person may see, with the domain that answers as `owner`."""
    rows = list_visible_grants(person).filter(EFFECTIVE_GRANTS, ends_at__gt=now)
    return rows.annotate(owner=Coalesce("table__database__domain", "item__product__domain"))


def count_use_between_domains(person: Person, now: datetime) -> list[UseCell]:
    """By name of the user. Two queries."""
    rows = list_live_grants(person, now).select_related(None).order_by()
    counted = rows.values("item__request__team", "item__request__team__name", "owner").annotate(
        grants=Count("pk"), tables=Count("table", distinct=True)
    )
    names, answered = _read_domains()
    found = [
        UseCell(
            team=row["item__request__team"],
            user=" · ".join(answered.get(row["item__request__team"], [row["item__request__team__name"]])),
            owner=row["owner"],
            owner_name=names.get(row["owner"], ""),
            grants=row["grants"],
            tables=row["tables"],
        )
        for row in counted.order_by("item__request__team__name", "owner")[:MAX_CELLS]
    ]
    return sorted(found, key=lambda cell: (cell.user, cell.owner_name))


def _read_domains() -> tuple[dict[int, str], dict[int, list[str]]]:
    """Names of domains, and by team those that it answers for."""
    names, answered = {}, defaultdict(list)
    for pk, name, team in Domain.objects.order_by("name").values_list("pk", "name", "owner_team"):
        names[pk] = name
        answered[team].append(name)
    return names, dict(answered)
