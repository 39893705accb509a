"""Every list and every row's page of the administration, rendered once for a governance admin, and judged at once."""

import re
from collections import defaultdict
from datetime import timedelta
from itertools import zip_longest
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve, reverse

from marketplace import middleware
from tests.admin.admin_pages import ListReader, is_bare, list_links
from tests.admin.row_maker import RowMaker
from tests.admin.test_rows_nobody_edits import INLINE_CODE, build_address
from tests.role_changes import make_governor

CHUNKS = 2
"""Into so many tests the models are split, for processes to share."""
CHOICES = 2
"""Of each filter so many are chosen, besides the one that shows all."""
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


class AdminWalk:
    """Of a governance admin who is neither staff nor superuser. `opened` are addresses that answered, `links` those seen, by
    the names of the page that they are on and of the one that they lead to.
    """

    def __init__(self, client: Client, maker: RowMaker) -> None:
        self.client = client
        self.maker = maker
        self.defects: list[str] = []
        self.opened: set[str] = set()
        self.links: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self.queries: dict[type[Model], int] = {}

    def open(self, address: str) -> Any:
        """The answer; one that is no page is a defect."""
        answer = self.client.get(address)
        if answer.status_code == 200:
            self.opened.add(address)
        else:
            self.defects.append(f"{address}: {answer.status_code}")
        return answer

    def judge_page(self, address: str, page: str) -> None:
        for link in list_links(page, address):
            self.links[find_name(address), find_name(link)].add(link)
        shown = re.sub(r"<template.*?</template>", "", page, flags=re.DOTALL)
        if found := INLINE_CODE.search(shown):
            self.defects.append(f"{address}: inline code: {found[0]}")
        if "{&quot;tier&quot;: &quot;gold&quot;}" in shown:
            self.defects.append(f"{address}: JSON is shown as it is stored")

    def judge_list(self, model: type[Model]) -> None:
        address = build_address(model, "changelist")
        with CaptureQueriesContext(connection) as captured:
            answer = self.open(address)
        self.queries[model] = len(captured)
        if answer.status_code != 200:
            return
        page = answer.content.decode()
        self.judge_page(address, page)
        if "delete_selected" in page:
            self.defects.append(f"{address}: offers to delete rows")
        own = {str(row.pk) for (kind, _), row in self.maker.rows.items() if kind is model}
        cells = [cell for row in ListReader(page).rows for cell in row]
        if not cells:
            self.defects.append(f"{address}: lists nothing")
        self.defects += [
            f"{address}: the bare id of another row: {cell}" for cell in cells if is_bare(cell, own)
        ]
        self.judge_filters(model, address, answer.context["cl"])

    def judge_filters(self, model: type[Model], address: str, shown: Any) -> None:
        """The search, and each filter with each of its first choices: all filters at once."""
        if not shown.search_fields and model.__name__ not in WITHOUT_TEXT:
            self.defects.append(f"{address}: nothing to search for")
        choices = [
            [choice["query_string"].lstrip("?") for choice in list(spec.choices(shown))[1 : CHOICES + 1]]
            for spec in shown.filter_specs
        ]
        asked = ["&".join(filter(None, chosen)) for chosen in zip_longest(*choices, fillvalue="")]
        word = urlencode({"q": "name"}) if shown.search_fields else ""
        for query in dict.fromkeys(["&".join(filter(None, (word, *asked[:1]))), *asked[1:]]):
            if query:
                self.open(f"{address}?{query}")

    def judge_row(self, model: type[Model]) -> None:
        address = build_address(model, "change", self.maker.get_row(model).pk)
        answer = self.open(address)
        if answer.status_code == 200:
            self.judge_page(address, answer.content.decode())

    def judge_links(self) -> None:
        """One from each kind of page to each other kind. Every page leads to every list, which the walks open."""
        checked = self.opened | {build_address(model, "changelist") for model in admin.site._registry}
        for links in self.links.values():
            if links & checked:
                continue
            link = min(links)
            checked.add(link)
            status = self.client.get(link).status_code
            if status not in {200, 302}:
                self.defects.append(f"dead link: {link}: {status}")

    def judge_growth(self, models: list[type[Model]]) -> None:
        """With more than twice as many rows no list asks the database more often."""
        for _ in range(3):
            self.maker.make_generation()
        for model in models:
            with CaptureQueriesContext(connection) as captured:
                self.client.get(build_address(model, "changelist"))
            if len(captured) > self.queries[model]:
                self.defects.append(
                    f"{model.__name__}: {self.queries[model]} queries grew to {len(captured)}"
                )


def find_name(address: str) -> str:
    """Empty for an address that leads nowhere."""
    try:
        return resolve(address).view_name
    except Resolver404:
        return ""


@pytest.fixture
def walk(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> AdminWalk:
    # Once a minute a request writes its session, too: queries that have nothing to do with the list.
    monkeypatch.setattr(middleware, "RENEWAL_INTERVAL", timedelta.max)
    client.force_login(make_governor())
    maker = RowMaker()
    for _ in range(2):
        maker.make_generation()
    return AdminWalk(client, maker)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_page_is_in_order(walk: AdminWalk, chunk: int) -> None:
    models = list(admin.site._registry)[chunk::CHUNKS]
    start = reverse("admin:index")
    walk.judge_page(start, walk.open(start).content.decode())
    for model in models:
        walk.judge_list(model)
        walk.judge_row(model)
    walk.judge_links()
    walk.judge_growth(models)
    assert not walk.defects, "\n".join(walk.defects)
