"""Checks whether a request is within an offer and lists every violation. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lakeformation.values.row_filter_templates import RowTemplate, is_within_template

CLASSES_BY_SENSITIVITY = ("public", "private", "sensitive")
"""Classifications, least sensitive first. Unclassified columns count as the last."""
HOURS_PER_DAY = 24
TABLES, DATABASE = "tables", "database"
"""Scopes of an offer, as `OfferScope` has them."""


@dataclass(frozen=True)
class Bounds:
    """What can be requested under one version. `tables` by id; those of `database` beside them, by its id, if
    it has one; `longest_hours` from the time of the request.
    """

    highest_class: str
    longest_hours: int
    uses: frozenset[str]
    tables: frozenset[int] = frozenset()
    database: int | None = None
    tags: Mapping[str, list[str]] = field(default_factory=dict)
    future_columns: bool = False
    row_template: RowTemplate = field(default_factory=RowTemplate)


@dataclass(frozen=True)
class RequestedAccess:
    """What is requested. `scope` is one of `OfferScope`, or the kind of another target; `classes` by column, of all that would be visible; `hours` until its
    end, and `days` between the day of the request and the last day.
    """

    table: int
    database: int
    classes: Mapping[str, str]
    use: str
    hours: float
    days: int
    scope: str = TABLES
    shows_data: bool = True
    has_future_columns: bool = False
    row_filter: str = ""
    tags: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class BoundsViolation:
    """One violation of an offer: the form field, the kind, and the names concerned."""

    field: str
    kind: str
    names: tuple[str, ...] = ()


def find_violations(bounds: Bounds, access: RequestedAccess) -> tuple[BoundsViolation, ...]:
    """Every violation of the offer; empty when the request is within it."""
    return tuple(
        one
        for part in (_check_target, _check_columns, _check_rows, _check_use, _check_duration)
        for one in part(bounds, access)
    )


def rank_sensitivity(classification: str) -> int:
    """Higher is more sensitive."""
    return (
        CLASSES_BY_SENSITIVITY.index(classification)
        if classification in CLASSES_BY_SENSITIVITY
        else len(CLASSES_BY_SENSITIVITY) - 1
    )


def _check_target(bounds: Bounds, access: RequestedAccess) -> list[BoundsViolation]:
    if access.tags or bounds.tags:
        return [] if dict(access.tags) == dict(bounds.tags) else [BoundsViolation("offer", "tags")]
    if access.scope == DATABASE:
        return [] if access.database == bounds.database else [BoundsViolation("offer", "database")]
    if access.scope != TABLES:
        return [BoundsViolation("offer", "table")]
    covered = access.table in bounds.tables or access.database == bounds.database
    return [] if covered else [BoundsViolation("offer", "table")]


def _check_columns(bounds: Bounds, access: RequestedAccess) -> list[BoundsViolation]:
    if not access.shows_data:
        return []
    found = []
    if access.has_future_columns and not (bounds.future_columns or access.tags):
        found.append(BoundsViolation("columns", "future"))
    most = rank_sensitivity(bounds.highest_class)
    over = tuple(name for name, one in access.classes.items() if rank_sensitivity(one) > most)
    return [*found, BoundsViolation("columns", "class", over)] if over else found


def _check_rows(bounds: Bounds, access: RequestedAccess) -> list[BoundsViolation]:
    if not access.shows_data or is_within_template(bounds.row_template, access.row_filter):
        return []
    return [BoundsViolation("row_filter", "rows")]


def _check_use(bounds: Bounds, access: RequestedAccess) -> list[BoundsViolation]:
    if access.shows_data == (access.use == "metadata"):
        return [BoundsViolation("use", "metadata")]
    return [] if access.use in bounds.uses else [BoundsViolation("use", "use")]


def _check_duration(bounds: Bounds, access: RequestedAccess) -> list[BoundsViolation]:
    """Where the longest time is whole days, the last day counts whole."""
    by_day = bounds.longest_hours % HOURS_PER_DAY == 0 and access.days * HOURS_PER_DAY <= bounds.longest_hours
    return [] if by_day or access.hours <= bounds.longest_hours else [BoundsViolation("ends_at", "time")]
