"""Effects as a diff by account: lines added and lines already there."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from identity.accounts import Account
from lakeformation.effects.call_preview import PlannedCall
from lakeformation.effects.table_effects import EffectLine, Effects
from lakeformation.values.wording import describe_columns, describe_rows
from requests_app.access_requests.models import RequestItem

MAX_NAMES = 40
"""Column names in the text of a line."""
LINE_KINDS = {"+": "add", "=": "same"}


@dataclass(frozen=True)
class DiffLine:
    """`kind` is add, same, or (in a difference) remove; `columns` come with their classification."""

    sign: str
    kind: str
    text: str
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DiffAccount:
    account_id: str
    name: str
    role: str
    lines: tuple[DiffLine, ...]


@dataclass(frozen=True)
class VisibleCells:
    """Columns and rows that the role will see. A `key` marks a widening that needs separate consent."""

    columns: str
    rows: str
    text: str
    key: str = ""
    is_accepted: bool = False


def build_visible_cells(effects: Effects, agreed: frozenset[str]) -> list[VisibleCells]:
    """The requested cells and each widening; empty without row filters."""
    cells = effects.access.cells
    if not (cells.rows or effects.widenings):
        return []
    asked = VisibleCells(describe_columns(cells.columns), describe_rows(cells.rows), _("requested here"))
    return [
        asked,
        *(
            VisibleCells(describe_columns(w.columns), describe_rows(w.rows), w.text, w.key, w.key in agreed)
            for w in effects.widenings
        ),
    ]


def build_account_diffs(effects: Effects, item: RequestItem) -> list[DiffAccount]:
    """The affected accounts, owner first."""
    if not item.target.is_single_table:
        classified = {
            (f"{member['database']}.{member['table']}", name): classification
            for member in effects.approved["members"]
            for name, classification in member["columns"].items()
        }
    else:
        classified = {
            (str(item.table), column.name): column.classification for column in item.table.column_facts
        }
    lines = [*effects.adds, *effects.already_there]
    owner = item.table.database.catalog.account
    consumer = item.request.principal.account
    accounts = {owner.account_id: owner, consumer.account_id: consumer}
    return [
        DiffAccount(
            key,
            account.name,
            _get_account_role(account, owner, consumer),
            tuple(_build_diff_lines(found, classified)),
        )
        for key, account in accounts.items()
        if (found := [line for line in lines if (line.account or owner.account_id) == key])
    ]


def compare_effect_lines(seen: Sequence[str], effects: Effects) -> list[DiffLine]:
    """Lines added and removed since the reviewer loaded the page."""
    now = list_effect_lines(effects)
    gone = [DiffLine("-", "remove", text) for text in seen if text not in now]
    return [DiffLine("+", "add", text) for text in now if seen and text not in seen] + gone


@dataclass(frozen=True)
class PlanCounts:
    """Of an approval: `add` counts what is shown as added, the others the calls that change or remove something."""

    add: int
    change: int
    remove: int


def count_plan(effects: Effects, calls: Sequence[PlannedCall]) -> PlanCounts:
    def count(*verbs: str) -> int:
        return sum(len(call.changes) for call in calls if call.operation.startswith(verbs))

    return PlanCounts(
        len(effects.adds), count("Update", "Put"), count("Revoke", "BatchRevoke", "Delete", "Deregister")
    )


def list_effect_lines(effects: Effects) -> list[str]:
    """Text of every line, columns included, so that a changed column changes its line."""
    lines = (*effects.adds, *effects.side_effects, *effects.warnings)
    texts = [" ".join([line.text, _describe_names(line.columns)]).strip() for line in lines]
    return [*texts, *(widening.text for widening in effects.widenings)]


def _describe_names(columns: Sequence[str]) -> str:
    """The first names, and a digest of all where there are more, so that another column makes another text."""
    if len(columns) <= MAX_NAMES:
        return " ".join(columns)
    digest = hashlib.sha256("\n".join(columns).encode()).hexdigest()[:12]
    return f"{' '.join(columns[:MAX_NAMES])} … {len(columns)} ({digest})"


def _build_diff_lines(
    lines: Iterable[EffectLine], classified: dict[tuple[str, str], str]
) -> Iterable[DiffLine]:
    for line in lines:
        columns = tuple((name, classified.get((line.resource, name), "")) for name in line.columns)
        yield DiffLine("+" if line.sign == "+" else "", LINE_KINDS[line.sign], line.text, columns)


def _get_account_role(account: Account, owner: Account, consumer: Account) -> str:
    if owner == consumer:
        return "owner and consumer"
    return "owner" if account == owner else "consumer"
