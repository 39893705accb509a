"""The administration leads people only to pages that they may open, and refuses everyone else."""

from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from identity.people.models import Person
from requests_app.grants.models import Grant
from tests import factories
from tests.admin.row_maker import RowMaker
from tests.admin.test_lists import APPS, list_models
from tests.admin.test_rows_nobody_edits import build_address
from tests.bank import make_bank
from tests.role_changes import make_governor


class LinkReader(HTMLParser):
    """Addresses of the page's links; Django's script shows what is in a template."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        address = dict(attrs).get("href") if tag == "a" else None
        if address and "__fk__" not in address:
            self.links.add(address)


def list_links(client: Client, address: str) -> Iterator[str]:
    """Paths that the page leads to, without those that only order or filter it."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    for link in LinkReader(answer.content.decode()).links:
        target = urlsplit(urljoin(address, link))
        if target.path not in {"", address} and not target.scheme:
            yield target.path


def list_pages(models: list[type[Model]], maker: RowMaker) -> Iterator[str]:
    yield reverse("admin:index")
    for model in models:
        yield build_address(model, "changelist")
        yield build_address(model, "change", maker.get_row(model).pk)


def find_refused(client: Client, pages: Iterator[str], known: Collection[str] = ()) -> list[tuple[str, int]]:
    """Links that do not open, with their status, besides those that are `known` to open."""
    links = {link for page in pages for link in list_links(client, page)}.difference(known)
    statuses = {link: client.get(link).status_code for link in sorted(links)}
    return [(link, status) for link, status in statuses.items() if status not in {200, 302}]


@pytest.fixture
def maker(db: None) -> RowMaker:
    maker = RowMaker()
    maker.make_generation()
    return maker


@pytest.mark.parametrize("app", APPS)
def test_a_governance_admin_may_open_every_link(client: Client, maker: RowMaker, app: str) -> None:
    client.force_login(make_governor())
    # Every page leads to every list, which the case of its own app opens.
    lists = [build_address(model, "changelist") for model in admin.site._registry]
    assert find_refused(client, list_pages(list_models(app), maker), lists) == []


def test_staff_with_few_permissions_may_open_every_link(client: Client, maker: RowMaker) -> None:
    eve = factories.make_person("Eve Staff", is_staff=True)
    wanted = {"view_grant", "view_policyversion", "change_membership", "view_account"}
    eve.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    client.force_login(eve)
    models = [model for model in admin.site._registry if f"view_{model._meta.model_name}" in wanted]
    pages = list_pages(models, maker)
    assert len(models) == 3
    assert find_refused(client, pages) == []


@pytest.mark.parametrize("name", ["Ana Keller", "Ines Roth"])
def test_others_are_refused_everywhere(client: Client, db: None, name: str) -> None:
    make_bank()
    client.force_login(Person.objects.get(name=name))
    for model in admin.site._registry:
        for page in (build_address(model, "changelist"), build_address(model, "change", 1)):
            assert client.get(page, follow=True).status_code == 403, page
    assert client.get(reverse("admin:index"), follow=True).status_code == 403


@pytest.mark.parametrize("is_staff", [False, True])
def test_the_portals_menu_leads_there_only_who_may_enter(client: Client, db: None, *, is_staff: bool) -> None:
    root = factories.make_person("Rosa Winter", is_superuser=True, is_staff=is_staff)
    client.force_login(root)
    page = client.get(reverse("role-changes")).content.decode()
    leads = f'<a href="{reverse("admin:index")}">Administration</a>' in page
    assert leads is (client.get(reverse("admin:index"), follow=True).status_code == 200) is is_staff


def test_staff_see_the_link_to_the_policies_they_may_open_alone(client: Client, maker: RowMaker) -> None:
    eve = factories.make_person("Eve Staff", is_staff=True)
    eve.user_permissions.set(Permission.objects.filter(codename__in=["view_policyversion", "view_grant"]))
    client.force_login(eve)
    version = next(model for model in admin.site._registry if model.__name__ == "PolicyVersion")
    page = client.get(build_address(version, "changelist")).content.decode()
    assert reverse("policy", args=[maker.get_row(version).domain.slug]) not in page
    grant = client.get(build_address(Grant, "change", maker.get_row(Grant).pk)).content.decode()
    assert "/admin/catalog/table/" not in grant
