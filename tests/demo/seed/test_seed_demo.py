"""The demo's data: people who can sign in, products on mirrored tables, a history that went through its verbs."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count

from audit.models import Event
from catalog.products.models import DataProduct, ProductTable
from catalog.search.query import SearchQuery
from catalog.search.search import search
from demo.bank.accounts import PARTNER
from demo.seed.people import PEOPLE
from identity.accounts import Account, ConnectedCatalog
from identity.people.models import Person
from mocklake.testing.server import Cloud
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from requests_app.review.queries import list_inbox
from tests.database import TestDatabase, as_role
from tests.worker_cloud import use_cloud
from workers.sync.runs import sync_catalog

SECRET = "a password for tests"
LINES = [
    "21 people, 11 accounts, 2 trails",
    "20 data products",
    "6 data products with discovery settings",
    "19 first publications",
    "43 requests of the last ninety days",
    "2 local groups",
    "3 offers",
    "6 grants asked about anew",
    "3 policies",
    "1 saved search",
    "4 texts searched for without result",
    "1 role change",
    "1 deprecated data product",
    "1 version of the publication rules",
    "2 registrations of tables",
    "1 write request",
    "2 tag changes",
    "2 problems, 2 questions, 5 follows, 1 release note",
    "15 jobs with lineage",
    "2 derivation requests",
    "4 prices of scans",
    "1170 quality results of dbt and Soda",
]


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setenv("MESHMARKET_DEMO_PASSWORD", SECRET)


@pytest.fixture
def seeded(committed: TestDatabase, password: None, cloud: Cloud) -> Iterator[None]:
    """All three stages, with the first sync between them as in the demo's start."""
    seed("people")
    cloud.control("reset", method="POST")
    with use_cloud(cloud):
        with as_role("meshmarket_worker"):
            for catalog in ConnectedCatalog.objects.select_related("account"):
                assert sync_catalog(catalog).error == ""
        seed("products", "history")
        seed("readings")
        yield


def seed(*stages: str) -> str:
    """As the demo's start: the readings as the workers do, all else as the owner of the database."""
    said = io.StringIO()
    with as_role("meshmarket_worker" if "readings" in stages else "meshmarket_owner"):
        call_command("seed_demo", stdout=said, **dict.fromkeys(stages, True))
    return said.getvalue()


def totals() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Person, Account, DataProduct, RequestItem, Grant, Event))


def test_the_whole_seed_is_true_and_can_run_again(seeded: None) -> None:
    before = totals()
    live = Grant.objects.filter(state=GrantState.LIVE)

    assert seed("people", "products", "history").splitlines() == LINES
    with as_role("meshmarket_worker"):
        said = seed("readings").splitlines()
    assert [line.lstrip("0123456789") for line in said] == [
        " queries of the last ninety days",
        " data products with ninety days of freshness",
    ]
    assert totals() == before
    assert live.count() == 13
    assert live.values("principal__account").distinct().count() <= 5
    # The first share to the partner is the newcomer's to see: its invitation is accepted on the main road.
    assert not live.filter(principal__account__account_id=PARTNER).exists()
    assert RequestItem.objects.filter(state=ItemState.SUBMITTED).count() == 6
    assert {state for (state,) in Grant.objects.values_list("state")} == set(GrantState.values)
    assert_ana_finds_life_expectancy()
    assert_every_step_is_on_record()


def assert_ana_finds_life_expectancy() -> None:
    ana = Person.objects.get(email="ana.keller@harbour.example")
    hit = search(SearchQuery(text="life expectancy"), person=ana).hits[0]
    assert (hit.slug, hit.sensitive_columns > 0, hit.has_access) == ("life-expectancy", True, False)
    assert not DataProduct.objects.filter(is_published=True).annotate(n=Count("tables")).filter(n=0).exists()
    assert ProductTable.objects.filter(product__slug="claims").count() == 2


SEEDED_EVENTS = {
    "submit_access_request": 44,
    "approve_item": 29,
    "proved_present": 28,
    "publish_product_draft": 19,
    "reject_item": 6,
    "withdraw_item": 3,
    "revoke_grant": 5,
    "expire_grant": 11,
    "create_local_group": 2,
    "add_local_group_member": 2,
    "pass_on": 1,
    "write_offer": 3,
    "publish_offer_version": 3,
    "give_consent": 2,
    "start_access_review": 2,
    "set_discovery": 6,
    "draft_policy": 3,
    "publish_policy": 3,
    "save_search": 1,
    "name_responsible_person": 1,
    "propose_role_change": 1,
    "deprecate_product": 1,
    "save_publication_rules": 1,
    "put_publication_rules_in_force": 1,
    "request_registration": 2,
    "approve_registration": 1,
    "request_write_access": 1,
    "propose_tag_change": 2,
    "approve_tag_change": 1,
    "create_service_token": 5,
    "request_derivation": 2,
    "approve_derivation": 1,
    "create_product": 1,
    "save_product_draft": 1,
    "report_problem": 2,
    "acknowledge_problem": 1,
    "resolve_problem": 1,
    "break_promise": 7,
    "mend_promise": 7,
    "ask_question": 2,
    "join_question": 2,
    "answer_question": 2,
    "follow_product": 3,
    "follow_domain": 2,
    "write_release_note": 1,
    "create_term": 9,
    "link_term": 7,
    "replace_term": 1,
    "propose_term": 1,
    "propose_term_change": 1,
}
"""By verb."""


def assert_every_step_is_on_record() -> None:
    verbs = dict(Event.objects.values_list("verb").annotate(Count("pk")).order_by())
    assert verbs == SEEDED_EVENTS
    jonas = Person.objects.get(email="jonas.weber@harbour.example")
    waiting = [item.product.slug for item in list_inbox(jonas) if item.product]
    assert sorted(waiting) == ["claims", "policies", "premium-income", "premium-income"]


@pytest.mark.django_db
def test_people_sign_in_with_the_callers_password_and_one_governs(password: None) -> None:
    seed("people")

    ana = Person.objects.get(email="ana.keller@harbour.example")
    assert ana.check_password(SECRET)
    assert [person.name for person in Person.objects.filter(is_superuser=True)] == ["Greta Sommer"]
    assert Person.objects.count() == len(PEOPLE)


@pytest.mark.django_db
def test_a_stage_that_comes_too_early_says_what_to_do(
    password: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed("people")
    with pytest.raises(CommandError, match="Sync the catalogs first"):
        seed("products")

    monkeypatch.delenv("MESHMARKET_DEMO_PASSWORD")
    with pytest.raises(CommandError, match="MESHMARKET_DEMO_PASSWORD"):
        seed("people")
