"""Who may not decide because of a role change in the last week, and until when: asked before every decision.

What a decision rests on is said by SQL functions named `decision_bases`, one for each table of decisions; the trigger
`decision_unbarred` asks them again. See `identity/migrations/sql/decision_bars_0004.sql`.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.people.models import Person
from identity.people.request_cache import cache_per_request
from identity.role_changes.models import RoleChange
from identity.role_changes.states import RoleChangeKind
from kernel.clock import Now
from kernel.verdicts import ALLOWED, Verdict

NAMED = "named"
"""Decides as the person whom the object names, not by a role."""
OWNER, ACCOUNT_ADMIN = "owner", "account_admin"
_ROW_SQL = """SELECT decision_find_bar(%s, array_agg(b)) FROM {table} asked, decision_bases(asked) b
WHERE asked.id = %s AND b.deed = ANY (%s) GROUP BY b.deed"""
_FREE_SQL = """SELECT person FROM unnest(%s::bigint[]) person WHERE NOT EXISTS (
  SELECT FROM {table} asked, decision_bases(asked) b WHERE asked.id = %s AND b.deed = ANY (%s) GROUP BY b.deed
  HAVING decision_find_bar(person, array_agg(b)) IS NOT NULL)"""
_BASES_SQL = """SELECT decision_find_bar(%s, array_agg(ROW('', NULL, b.decides_as, b.team, b.named, b.parties, b.party_teams,
  b.rests_on)::decision_basis)) FROM jsonb_to_recordset(%s) AS b (decides_as text, team bigint, named bigint,
  parties bigint[], party_teams bigint[], rests_on jsonb)"""


@dataclass(frozen=True)
class RoleChangeBar(Verdict):
    """Not allowed before `until`, because of a role change."""

    until: datetime | None = None


@dataclass(frozen=True)
class DecisionBasis:
    """What a decision rests on whose row is made by it. `decides_as` is a role: see `decision_basis` in SQL. `rests_on`: ids by
    kind of role change.
    """

    decides_as: str
    team_id: int | None = None
    named_id: int | None = None
    party_ids: Sequence[int] = ()
    party_team_ids: Sequence[int] = ()
    rests_on: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        return {
            "decides_as": self.decides_as,
            "team": self.team_id,
            "named": self.named_id,
            "parties": list(self.party_ids),
            "party_teams": list(self.party_team_ids),
            "rests_on": {kind: list(ids) for kind, ids in self.rests_on.items()},
        }


def may_decide_row(person: Person, row: Model, *deeds: str) -> Verdict:
    """Whether no change of the last week bars the person from these decisions on a saved row. `deeds` are the columns that
    hold the decider, without `_id`. No query while nobody is barred from anything.
    """
    if not has_bars(person):
        return ALLOWED
    found = _fetch(_ROW_SQL.format(table=_quote_table(row)), [person.pk, row.pk, list(deeds)])
    return describe_bars(person, [pk for pk in found if pk])


def may_decide_on_basis(person: Person, *bases: DecisionBasis) -> Verdict:
    """The same of a row that the decision makes. Several bases are alternatives."""
    if not has_bars(person):
        return ALLOWED
    found = _fetch(_BASES_SQL, [person.pk, json.dumps([base.to_json() for base in bases])])
    return describe_bars(person, [pk for pk in found if pk])


def filter_unbarred(people: Collection[int], row: Model, *deeds: str) -> list[int]:
    """Returns the people, by id, whom no change of the last week bars from these decisions on a saved row. In order."""
    if not people or not _exist_bars():
        return sorted(people)
    return sorted(_fetch(_FREE_SQL.format(table=_quote_table(row)), [list(people), row.pk, list(deeds)]))


@cache_per_request
def has_bars(_person: Person) -> bool:
    """Whether any change bars anybody just now: mostly none does."""
    return _exist_bars()


def _exist_bars() -> bool:
    return RoleChange.objects.filter(bars_until__gt=Now()).exists()


def describe_bars(person: Person, pks: Collection[int]) -> Verdict:
    """Why a person may not decide, by the change that bars longest; allowed if there is none."""
    rows = RoleChange.objects.select_related("requested_by", "person").filter(pk__in=pks)
    bar = rows.order_by("-bars_until").first() if pks else None
    if bar is None:
        return ALLOWED
    words = {
        "name": bar.requested_by.name,
        "what": str(bar),
        "day": date_format(bar.bars_until, _("j M Y, H:i")) if bar.bars_until else "",
    }
    if bar.kind == RoleChangeKind.PASSWORD and bar.person_id == person.pk:
        reason = (
            _(
                "%(name)s set your password or e-mail. You can decide from %(day)s (UTC); until then, others have to."
            )
            % words
        )
    else:
        reason = (
            _(
                "A role that this depends on was changed in the last week (%(what)s) by someone who requests or decides here. Someone else has to decide until %(day)s (UTC)."
            )
            % words
        )
    return RoleChangeBar(allowed=False, reason=reason, until=bar.bars_until)


def get_bar_reason(*verdicts: Verdict) -> str:
    """Why a role change bars somebody from what they could decide otherwise: of the first that does, or empty."""
    return next((verdict.reason for verdict in verdicts if isinstance(verdict, RoleChangeBar)), "")


def _quote_table(row: Model) -> str:
    return connection.ops.quote_name(row._meta.db_table)  # noqa: SLF001 - documented by Django


def _fetch(statement: str, values: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [value for (value,) in cursor.fetchall()]
