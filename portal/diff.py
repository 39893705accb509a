"""Effects as a diff by account, the way a plan is read: what is added, what is there already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from identity.models import Account
from lakeformation.effects import Effects, Line
from requests_app.models import Item

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


def diff_of(effects: Effects, item: Item) -> list[DiffAccount]:
    """The accounts that are touched, the granting one first."""
    classified = {column.name: column.classification for column in item.table.columns.all()}
    lines = [*effects.adds, *effects.already_there]
    owner = item.table.database.catalog.account
    consumer = item.request.principal.account
    accounts = {owner.account_id: owner, consumer.account_id: consumer}
    return [
        DiffAccount(key, account.name, _role(account, owner, consumer), tuple(_shown(found, classified)))
        for key, account in accounts.items()
        if (found := [line for line in lines if (line.account or owner.account_id) == key])
    ]


def difference(seen: Sequence[str], effects: Effects) -> list[DiffLine]:
    """What is new, and what is gone, against the lines that the reviewer had before them."""
    now = texts_of(effects)
    gone = [DiffLine("-", "remove", text) for text in seen if text not in now]
    return [DiffLine("+", "add", text) for text in now if seen and text not in seen] + gone


def texts_of(effects: Effects) -> list[str]:
    """Every line in words; columns stand in it, so that a changed column is a changed line."""
    lines = (*effects.adds, *effects.side_effects, *effects.warnings)
    return [" ".join([line.text, *line.columns]) for line in lines]


def _shown(lines: Iterable[Line], classified: dict[str, str]) -> Iterable[DiffLine]:
    for line in lines:
        columns = tuple((name, classified.get(name, "")) for name in line.columns)
        yield DiffLine("+" if line.sign == "+" else "", KINDS[line.sign], line.text, columns)


def _role(account: Account, owner: Account, consumer: Account) -> str:
    if owner == consumer:
        return "owner and consumer"
    return "owner" if account == owner else "consumer"
