"""The demo's own pages: be someone, try to break it, the style guide."""

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from catalog.sync.runs import request_sync
from kernel import clock
from tests.bank import Bank, submit_bank_item
from tests.portal.conftest import make_client

HTMX = {"HX-Request": "true"}


class FakeSupervisorHandler(socketserver.StreamRequestHandler):
    """A supervisor that runs every query and refuses everything else."""

    def handle(self) -> None:
        line = self.rfile.readline()
        if b'"do": "query"' in line:
            reply = (
                b'{"ok": true, "state": "SUCCEEDED", "reason": "", "columns": ["a"], "rows": [["<b>1</b>"]]}'
            )
        else:
            reply = b'{"ok": false, "error": "not today"}'
        self.wfile.write(reply + b"\n")


@pytest.fixture
def supervisor(tmp_path: Path, settings: Settings) -> Iterator[None]:
    address = str(tmp_path / "s")
    settings.SUPERVISOR_SOCKET = address
    with socketserver.ThreadingUnixStreamServer(address, FakeSupervisorHandler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield
        server.shutdown()


def test_anyone_may_be_anyone_but_only_by_post(bank: Bank) -> None:
    client, address = Client(), reverse("demo-as", args=[bank.ines.pk])
    assert client.get(address).status_code == 405
    assert client.post(address, {"next": "https://elsewhere.example/"})["Location"] == "/"
    assert client.get("/").wsgi_request.user == bank.ines


def test_the_door_names_the_people(bank: Bank) -> None:
    page = Client().get("/sign-in/").content.decode()
    assert reverse("demo-as", args=[bank.ana.pk]) in page


def test_the_feed_is_sent_only_when_something_happened(bank: Bank) -> None:
    ana, address = make_client(bank.ana), reverse("demo-break")
    mark = ana.get(address).context["mark"]
    assert ana.get(address, {"seen": mark}, headers=HTMX).status_code == 204
    submit_bank_item(bank)
    changed = ana.get(address, {"seen": mark}, headers=HTMX).content.decode()
    assert changed.strip().startswith('<ul class="feed"')
    assert "Ana Keller asked for access" in changed


def test_the_feed_names_the_catalog_that_was_asked_for(bank: Bank) -> None:
    request_sync(acting_user=bank.greta, catalog_id=bank.catalog.pk, now=clock.now())
    page = make_client(bank.ana).get(reverse("demo-break")).content.decode()
    assert "asked for a reading of the catalog" in page
    assert f"catalog:{bank.catalog.pk}" not in page
    assert bank.catalog.short_name in page


@pytest.mark.usefixtures("supervisor")
def test_a_query_shows_its_rows_escaped(bank: Bank) -> None:
    said = {"principal_arn": bank.role.arn, "sql": "SELECT 1"}
    answer = make_client(bank.ana).post(reverse("demo-query"), said, headers=HTMX)
    assert "&lt;b&gt;1&lt;/b&gt;" in answer.content.decode()
    whole = make_client(bank.ana).post(reverse("demo-query"), said).content.decode()
    assert "<html" in whole
    assert "SELECT 1" in whole


@pytest.mark.usefixtures("supervisor")
def test_what_the_supervisor_refuses_is_said(bank: Bank) -> None:
    answer = make_client(bank.ana).post(reverse("demo-pull", args=["kill"]), follow=True)
    assert "not today" in answer.content.decode()


def test_without_a_supervisor_the_page_says_so(bank: Bank) -> None:
    ana = make_client(bank.ana)
    assert "supervisor does not answer" in ana.get(reverse("demo-break")).content.decode()
    assert ana.post(reverse("demo-pull", args=["nonsense"])).status_code == 404


@pytest.mark.django_db
def test_the_style_guide_shows_both_themes() -> None:
    page = Client().get("/styleguide/").content.decode()
    assert "force-light" in page
    assert "force-dark" in page
