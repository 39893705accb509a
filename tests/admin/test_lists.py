"""Every list and every row's page of the administration, for a governance admin who is neither staff nor superuser."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.admin.row_maker import RowMaker
from tests.admin.test_rows_nobody_edits import INLINE_CODE, build_address
from tests.role_changes import make_governor

APPS = ("audit", "auth", "identity", "fulfilment", "catalog", "requests")
WITHOUT_TEXT = {
    "ChangeFeedPosition",
    "Clock",
    "Pending",
    "ProjectionPosition",
    "RoundTotal",
    "SchemaComparison",
    "SearchWithoutResult",
    "Verification",
}
"""Models of which nothing can be searched for."""
ID = re.compile(r"(?<!\d)71\d{5}(?!\d)")
NUMBERED = re.compile(r"\b(request|grant|offer|sync|break-glass|standing consent|tag change) 71\d{5}\b")
"""What the portal calls by a number; a name stands beside it."""
NAME = re.compile(r"[a-z]+-[a-f]\b")


class ListReader(HTMLParser):
    """The texts of the cells of the result list, by row."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.is_inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "table":
            self.is_inside = dict(attrs).get("id") == "result_list"
        elif tag == "tr" and self.is_inside:
            self.rows.append([])
        elif tag in {"td", "th"} and self.is_inside:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self.is_inside = self.is_inside and tag != "table"

    def handle_data(self, data: str) -> None:
        if self.is_inside and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def list_models(app: str) -> list[type[Model]]:
    return [model for model in admin.site._registry if model._meta.app_label == app]


@pytest.fixture
def maker(db: None) -> RowMaker:
    maker = RowMaker()
    maker.make_generation()
    return maker


@pytest.fixture
def hanna(client: Client, db: None) -> Client:
    client.force_login(make_governor())
    return client


def count_queries(client: Client, model: type[Model]) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(build_address(model, "changelist")).status_code == 200
    return len(captured)


@pytest.mark.parametrize("app", APPS)
def test_queries_of_a_list_do_not_grow_with_its_rows(hanna: Client, maker: RowMaker, app: str) -> None:
    maker.make_generation()
    before = {model: count_queries(hanna, model) for model in list_models(app)}
    for _ in range(3):
        maker.make_generation()
    after = {model: count_queries(hanna, model) for model in list_models(app)}
    grown = {model.__name__: (n, after[model]) for model, n in before.items() if after[model] > n}
    assert not grown


def is_bare(cell: str, own: str) -> bool:
    """Whether it refers to another row by a number alone."""
    found = set(ID.findall(cell)) - {own}
    return bool(found) and (bool(ID.search(NUMBERED.sub("", cell))) or not NAME.search(cell))


@pytest.mark.parametrize("app", APPS)
def test_no_list_shows_the_id_of_another_row(hanna: Client, maker: RowMaker, app: str) -> None:
    bare = []
    for model in list_models(app):
        own = str(maker.get_row(model).pk)
        page = ListReader(hanna.get(build_address(model, "changelist")).content.decode())
        cells = [cell for row in page.rows for cell in row]
        assert cells, model
        bare += [(model.__name__, cell) for cell in cells if is_bare(cell, own)]
    assert not bare


@pytest.mark.parametrize("app", APPS)
def test_search_and_each_filter_answer(hanna: Client, maker: RowMaker, app: str) -> None:
    wrong = []
    for model in list_models(app):
        address = build_address(model, "changelist")
        found = hanna.get(address).context["cl"]
        assert found.search_fields or model.__name__ in WITHOUT_TEXT, model
        asked = [f"?q={'name' if found.search_fields else ''}"]
        for spec in found.filter_specs:
            asked += [choice["query_string"] for choice in list(spec.choices(found))[:3]]
        for query in asked:
            answer = hanna.get(address + query)
            if answer.status_code != 200:  # a value that fits no field redirects
                wrong.append((model.__name__, query, answer.status_code))
    assert not wrong


@pytest.mark.parametrize("app", APPS)
def test_every_row_has_its_page(hanna: Client, maker: RowMaker, app: str) -> None:
    for model in list_models(app):
        answer = hanna.get(build_address(model, "change", maker.get_row(model).pk))
        page = re.sub(r"<template.*?</template>", "", answer.content.decode(), flags=re.DOTALL)
        assert answer.status_code == 200, model
        assert not INLINE_CODE.search(page), model
        assert "{&quot;tier&quot;: &quot;gold&quot;}" not in page, model
