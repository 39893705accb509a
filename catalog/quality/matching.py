"""Finds the tables that tools name in their results, among those of a team."""

from collections.abc import Collection, Sequence

from catalog.lineage.matching import find_matches
from catalog.lineage.models import LineageDataset
from catalog.mirror.models import Table
from catalog.quality.may import list_team_tables

_QUOTES = str.maketrans("", "", "\"`'")
MAX_ID_DIGITS = 18


def find_team_tables(names: Sequence[str], teams: Collection[int]) -> dict[str, Table]:
    """By name: an ARN, an S3 address, `database.table` with or without a catalog before it, a table's name that only one of
    the team's tables has, or the table's id here. Other teams' tables are as if they were not there.
    """
    wanted = list(dict.fromkeys(names))
    datasets = [_build_dataset(number, name) for number, name in enumerate(wanted, 1)]
    rows = list_team_tables(teams)
    matches = find_matches(datasets, rows)
    ids = {wanted[pk - 1]: match.table_id for pk, match in matches.items() if match.table_id}
    for name in wanted:
        if name.isdecimal() and len(name) <= MAX_ID_DIGITS:
            ids[name] = int(name)
    rows = rows.select_related("database__catalog__account")
    own = {table.pk: table for table in rows.filter(pk__in=[pk for pk in ids.values() if pk])}
    found = {name: own[pk] for name, pk in ids.items() if pk in own}
    simple = {
        name: name.translate(_QUOTES).strip().lower()
        for name in wanted
        if name not in found and _is_simple(name)
    }
    by_name: dict[str, list[Table]] = {}
    for table in rows.filter(name__in=set(simple.values())) if simple else ():
        by_name.setdefault(table.name, []).append(table)
    return found | {
        name: by_name[last][0] for name, last in simple.items() if len(by_name.get(last, ())) == 1
    }


def _build_dataset(number: int, name: str) -> LineageDataset:
    """As a lineage event would name it. It is not saved."""
    text = name.strip()
    if text.startswith(("s3://", "s3a://", "s3n://")):
        bucket, _slash, path = text.partition("://")[2].partition("/")
        return LineageDataset(pk=number, namespace=f"s3://{bucket}", name=path)
    plain = text if text.startswith("arn:") else text.translate(_QUOTES)
    return LineageDataset(pk=number, namespace="glue://", name=plain)


def _is_simple(name: str) -> bool:
    """Without a database: `claims`."""
    plain = name.translate(_QUOTES).strip()
    return bool(plain) and not set(plain) & set(".:/") and not plain.isdecimal()
