"""How to use a product, with the names that are valid in the account of the reader's own role."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.browse.tables import TableView
from catalog.products.models import DataProduct
from catalog.revisions.content import EXAMPLE_FIELDS, Language, ReadNames, find_read_names
from identity.accounts import Principal
from lakeformation.values.wording import list_names
from portal.access.query_examples import list_granted_columns, quote_name
from requests_app.grants.consumer_names import get_consumer_database
from requests_app.grants.models import Grant
from requests_app.grants.reach import covers_table, is_ready


@dataclass(frozen=True)
class UsageExample:
    """`reason` says why the reader can't run it; then it can't be copied either. `principal` is the role whose names it has."""

    label: str
    text: str
    reason: str = ""
    principal: Principal | None = None


@dataclass(frozen=True)
class ExampleQuery:
    """The line that a reader without access will be able to run; `reason` says what is missing."""

    line: str
    reason: str


def build_example_query(table: TableView) -> ExampleQuery:
    """With the owner's names, because the reader's account has none yet."""
    names = [quote_name(name) for name in (table.row.database.name, table.row.name)]
    return ExampleQuery(f"SELECT * FROM {'.'.join(names)} LIMIT 10", _describe_missing_tables([table]))  # noqa: S608 - shown


@dataclass(frozen=True)
class _Access:
    """What one role has of the tables that an example reads."""

    principal: Principal
    grants: Mapping[int, Sequence[Grant]]

    def get_grant(self, table: TableView) -> Grant | None:
        return max(self.grants.get(table.pk, ()), key=is_ready, default=None)


def build_usage_examples(
    product: DataProduct, tables: Sequence[TableView], own_grants: Sequence[Grant]
) -> list[UsageExample]:
    """`own_grants` are those by which the reader's roles read rows of the tables just now."""
    labels = {Language.SQL: _("SQL"), Language.PYTHON: _("Python")}
    return [
        _build_example(language, labels[language], code, tables, own_grants)
        for language, field in EXAMPLE_FIELDS.items()
        if (code := getattr(product, field))
    ]


def _build_example(
    language: Language, label: str, code: str, tables: Sequence[TableView], own_grants: Sequence[Grant]
) -> UsageExample:
    names = find_read_names(language, code)
    used = [table for table in tables if _is_used(table, names)] or list(tables)
    access = _choose_access(used, own_grants)
    if access is None:
        return UsageExample(label, code, _describe_missing_tables(used))
    databases = {
        (table.row.database.name, table.row.name): get_consumer_database(grant, table.row)
        for table in used
        if (grant := access.get_grant(table))
    }
    text = _name_databases(language, code, databases)
    return UsageExample(label, text, _find_obstacle(used, names.columns, access), access.principal)


def _is_used(table: TableView, names: ReadNames) -> bool:
    row = table.row
    return any(
        one.name == row.name.lower() and one.database in {"", row.database.name.lower()}
        for one in names.tables
    )


def _choose_access(used: Sequence[TableView], own_grants: Sequence[Grant]) -> _Access | None:
    """Of the role that reads most of the tables, those that are ready first."""
    found: dict[int, _Access] = {}
    for grant in own_grants:
        reached = [table.pk for table in used if covers_table(grant, table.row)]
        if reached:
            held = found.get(grant.principal_id, _Access(grant.principal, {}))
            more = {pk: (*held.grants.get(pk, ()), grant) for pk in reached}
            found[grant.principal_id] = _Access(grant.principal, {**held.grants, **more})
    ready = {
        pk: sum(any(is_ready(grant) for grant in grants) for grants in one.grants.values())
        for pk, one in found.items()
    }
    return max(
        found.values(),
        key=lambda one: (len(one.grants), ready[one.principal.pk], -one.principal.pk),
        default=None,
    )


def _find_obstacle(used: Sequence[TableView], columns: frozenset[str], access: _Access) -> str:
    if missing := [table for table in used if table.pk not in access.grants]:
        return _describe_missing_tables(missing)
    if not all(any(is_ready(grant) for grant in access.grants[table.pk]) for table in used):
        return _("Works as soon as your access is active.")
    lacking = sorted(columns & set(_iterate_unreadable_columns(used, access)))
    if lacking:
        said = ngettext(
            "It reads the column %(names)s, which your role can't read yet.",
            "It reads the columns %(names)s, which your role can't read yet.",
            len(lacking),
        )
        return said % {"names": list_names(lacking)}
    return ""


def _iterate_unreadable_columns(used: Sequence[TableView], access: _Access) -> Iterator[str]:
    """In lower case, without those that the role reads in another of the tables."""
    readable: set[str] = set()
    known: set[str] = set()
    for table in used:
        every = {column.name.lower() for column in table.row.column_facts}
        known |= every
        for grant in access.grants[table.pk]:
            readable |= {name.lower() for name in list_granted_columns(grant, table.row)} or every
    yield from known - readable


def _describe_missing_tables(tables: Sequence[TableView]) -> str:
    said = ngettext(
        "Works once your role has access to %(names)s. Then it shows the name of the database in your account.",
        "Works once your role has access to %(names)s. Then it shows the names of the databases in your account.",
        len({table.row.database_id for table in tables}),
    )
    return said % {"names": list_names(table.name for table in tables)}


def _name_databases(language: Language, code: str, databases: Mapping[tuple[str, str], str]) -> str:
    """Each `database.table` with the database that the role finds the table in; in Python, also each text that is the name of one
    database alone.
    """
    for (database, table), own in databases.items():
        name = re.compile(
            rf"(?<![\w.])(?P<quote>[\"`]?){re.escape(database)}(?P=quote)(?=\s*\.\s*[\"`]?{re.escape(table)}\b)",
            re.IGNORECASE,
        )
        code = name.sub(_build_replacement(own), code)
    if language == Language.PYTHON:
        for database in {database for database, _table in databases}:
            owned = {own for (one, _table), own in databases.items() if one == database}
            if len(owned) == 1:
                literal = re.compile(rf"(?P<quote>[\"']){re.escape(database)}(?P=quote)", re.IGNORECASE)
                own = owned.pop()
                code = literal.sub(_build_replacement(own), code)
    return code


def _build_replacement(name: str) -> Callable[[re.Match[str]], str]:
    """In the quotes that the text has; without any, in those that Athena needs."""

    def replace(match: re.Match[str]) -> str:
        quote = match["quote"]
        return f"{quote}{name}{quote}" if quote else quote_name(name)

    return replace
