"""Effects as a diff by account, the way a plan is read: what is added, what is there already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from identity.accounts.models import Account
from lakeformation.effects.table_effects import Effects, Line
from lakeformation.values.wording import columns_worded, rows_worded
from requests_app.access_requests.models import Item

KINDS = {"+": "add", "=": "same"}


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
class CellsShown:
    """Columns × rows that the role sees in the end; with a `key`, an overlap that needs its own yes."""

    columns: str
    rows: str
    text: str
    key: str = ""
    is_agreed: bool = False


def cells_of(effects: Effects, agreed: frozenset[str]) -> list[CellsShown]:
    """What is asked for, and each widening of it; nothing where no row rule plays a part."""
    access = effects.access
    if not (access.row_rule or effects.widenings):
        return []
    asked = CellsShown(columns_worded(access.columns), rows_worded(access.row_rule), _("requested here"))
    return [
        asked,
        *(
            CellsShown(columns_worded(w.columns), rows_worded(w.rows), w.text, w.key, w.key in agreed)
            for w in effects.widenings
        ),
    ]


def diff_of(effects: Effects, item: Item) -> list[DiffAccount]:
    """The accounts that are touched, the granting one first."""
    classified = _classified(effects, item)
    lines = [*effects.adds, *effects.already_there]
    owner = item.table.database.catalog.account
    consumer = item.request.principal.account
    accounts = {owner.account_id: owner, consumer.account_id: consumer}
    return [
        DiffAccount(key, account.name, _role(account, owner, consumer), tuple(_shown(found, classified)))
        for key, account in accounts.items()
        if (found := [line for line in lines if (line.account or owner.account_id) == key])
    ]


def _classified(effects: Effects, item: Item) -> dict[tuple[str, str], str]:
    """Classifications by the name of what a line is on, and column."""
    if item.reaches_many:
        return {
            (f"{one['database']}.{one['table']}", name): classification
            for one in effects.approved["members"]
            for name, classification in one["columns"].items()
        }
    return {(str(item.table), column.name): column.classification for column in item.table.columns.all()}


def difference(seen: Sequence[str], effects: Effects) -> list[DiffLine]:
    """What is new, and what is gone, against the lines that the reviewer had before them."""
    now = texts_of(effects)
    gone = [DiffLine("-", "remove", text) for text in seen if text not in now]
    return [DiffLine("+", "add", text) for text in now if seen and text not in seen] + gone


def texts_of(effects: Effects) -> list[str]:
    """Every line in words; columns stand in it, so that a changed column is a changed line."""
    lines = (*effects.adds, *effects.side_effects, *effects.warnings)
    texts = [" ".join([line.text, *line.columns]) for line in lines]
    return [*texts, *(widening.text for widening in effects.widenings)]


def _shown(lines: Iterable[Line], classified: dict[tuple[str, str], str]) -> Iterable[DiffLine]:
    for line in lines:
        columns = tuple((name, classified.get((line.resource, name), "")) for name in line.columns)
        yield DiffLine("+" if line.sign == "+" else "", KINDS[line.sign], line.text, columns)


def _role(account: Account, owner: Account, consumer: Account) -> str:
    if owner == consumer:
        return "owner and consumer"
    return "owner" if account == owner else "consumer"
