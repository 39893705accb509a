"""Which functions, modules and statements one request runs through, in the demo's bank."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.db import connection
from django.test import Client

from catalog.mirror.models import Table
from demo.embedded import database_roles
from demo.seed.people import find_person
from identity.accounts import Principal
from kernel import clock
from requests_app.access_requests.models import RequestItem
from tools.fuzz.callers import PEOPLE
from tools.source_figures import ROOT, SHIPPED

Attributes = Mapping[str, str | None]
WRITES = ("INSERT", "UPDATE", "DELETE")
PURPOSE = "Reserves of the quarter, by region and by month."
PRODUCT, COLUMNS = "claims", 4


class UntraceableError(Exception):
    """The request cannot be made; the message says why."""


@dataclass
class Trace:
    """Functions are `module.function`; `calls` counts each, in the order of their first call."""

    status: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    modules: dict[str, set[str]] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)

    def record_call(self, module: str, function: str) -> None:
        self.calls[f"{module}.{function}"] += 1
        self.modules.setdefault(module, set()).add(function)

    def record_statement(self, execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        self.statements.append(sql)
        return execute(sql, *arguments)

    @property
    def writes(self) -> int:
        return sum(sql.lstrip().startswith(WRITES) for sql in self.statements)

    def format(self, *, with_statements: bool = False) -> str:
        """Totals, then the modules in the order in which they were entered, then the statements if asked for."""
        lines = [
            f"Status {self.status}",
            f"{len(self.modules)} modules, {len(self.calls)} functions in {sum(self.calls.values()):,} calls",
            f"{len(self.statements)} statements, {self.writes} of them write",
            "",
            *(f"{len(functions):5}  {module}" for module, functions in self.modules.items()),
        ]
        if with_statements:
            lines += [
                "",
                *(f"{number:3}  {' '.join(sql.split())}" for number, sql in enumerate(self.statements, 1)),
            ]
        return "\n".join(lines)


@contextmanager
def traced(trace: Trace) -> Iterator[None]:
    """Record the calls of functions of what ships, and the statements, of this thread."""
    names: dict[str, str] = {}

    def name_module(file: str) -> str:
        path = Path(file)
        if not path.is_relative_to(ROOT) or path.relative_to(ROOT).parts[0] not in SHIPPED:
            return ""
        return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")

    def profile(frame: FrameType, event: str, _argument: Any) -> None:
        code = frame.f_code
        if event == "call" and not code.co_name.startswith("<"):
            if code.co_filename not in names:
                names[code.co_filename] = name_module(code.co_filename)
            if module := names[code.co_filename]:
                trace.record_call(module, code.co_qualname)

    with connection.execute_wrapper(trace.record_statement):
        sys.setprofile(profile)
        try:
            yield
        finally:
            sys.setprofile(None)


def is_sent(given: Attributes) -> bool:
    kind = given.get("type")
    return kind not in {"submit", "button"} and (kind not in {"checkbox", "radio"} or "checked" in given)


class FormReader(HTMLParser):
    """The values of the form that is sent to `address`, as a browser without scripts sends them."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.values: dict[str, list[str]] = {}
        self.is_found = False
        self._fields: list[tuple[str, str]] | None = None
        self._leads_here = False
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: Attributes = dict(attrs)
        if tag == "form":
            self._fields, self._leads_here = [], given.get("action") == self.address
        elif self._fields is not None:
            self._leads_here |= given.get("formaction") == self.address
            self._read_field(tag, given, self._fields)

    def _read_field(self, tag: str, given: Attributes, fields: list[tuple[str, str]]) -> None:
        name = given.get("name") or ""
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
        elif tag == "option" and "selected" in given:
            fields.append((self._select, given.get("value") or ""))
        elif tag == "input" and name and is_sent(given):
            fields.append((name, given.get("value") or ""))

    def handle_data(self, data: str) -> None:
        if self._area and self._fields is not None:
            self._fields.append((self._area, data.removeprefix("\n")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        if tag == "form" and self._fields is not None:
            if self._leads_here and not self.is_found:
                self.is_found = True
                for name, value in self._fields:
                    self.values.setdefault(name, []).append(value)
            self._fields = None


def sign_in(role: str) -> Client:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(find_person(PEOPLE[role]))
    return client


def create_waiting_item() -> RequestItem:
    """Ana's request for some columns of a table of the product, which waits for its owner."""
    table = Table.objects.filter(products__slug=PRODUCT, tombstoned_at=None).order_by("pk")[0]
    role = Principal.objects.get(arn__endswith="/bi-analyst")
    body = {
        "recipient": {"kind": "principal", "principal": role.arn},
        "purpose": PURPOSE,
        "expires_at": (clock.now() + timedelta(days=30)).isoformat(),
        "items": [
            {
                "target": {"kind": "table", "table": str(table.pk)},
                "column_mode": "listed",
                "columns": [column.name for column in table.columns.order_by("position")[:COLUMNS]],
            }
        ],
    }
    answer = sign_in("consumer").post(
        "/api/v1/access-requests", body, content_type="application/json", headers={"Idempotency-Key": "trace"}
    )
    if answer.status_code != 201:  # noqa: PLR2004 - Created
        raise UntraceableError(f"The request was refused: {answer.content.decode()[:300]}")
    return RequestItem.objects.get(pk=answer.json()["items"][0]["id"])


@dataclass(frozen=True)
class Way:
    """A request. `{item}`, `{request}`, `{table}` and `{product}` in its addresses stand for rows of the bank.

    A POST sends what the form of `page` holds that leads to the address, and `data`. `is_warm`: a GET is repeated,
    and the second is traced.
    """

    method: str
    address: str
    role: str = "owner"
    page: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    is_warm: bool = False


MAIN_WAYS = {
    "inbox": Way("GET", "/reviews/"),
    "review page": Way("GET", "/reviews/{item}/"),
    "approve": Way("POST", "/reviews/{item}/", page="/reviews/{item}/", data={"answer": "approve"}),
    "product page": Way("GET", "/data-products/{product}/", role="consumer"),
    "table page": Way("GET", "/tables/{table}/", role="consumer"),
    "request form": Way("GET", "/access-requests/new/?table={table}", role="consumer"),
    "search": Way("GET", "/search/?q=claims", role="consumer"),
    "mesh": Way("GET", "/mesh/", role="governor"),
}
"""They are traced in this order in one bank, each the first time that the page is loaded."""


def find_rows(item: RequestItem) -> dict[str, object]:
    return {"item": item.pk, "request": item.request_id, "table": item.table_id, "product": PRODUCT}


def trace_way(way: Way, rows: Mapping[str, object]) -> Trace:
    address, page = way.address.format(**rows), way.page.format(**rows)
    client = sign_in(way.role)
    values: dict[str, Any] = dict(way.data)
    if page:
        form = FormReader(address)
        form.feed(client.get(page).content.decode())
        if not form.is_found:
            raise UntraceableError(f"{page} has no form that leads to {address}.")
        values = {**form.values, **way.data}
    if way.is_warm:
        client.get(address)
    trace = Trace()
    with traced(trace):
        answer = client.get(address) if way.method == "GET" else client.post(address, values)
    trace.status = answer.status_code
    return trace


def start_as_web() -> dict[str, object]:
    """The rows of the bank for addresses, after the request that waits was made; statements then run as the web role."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {database_roles.WEB}")
    return find_rows(create_waiting_item())
