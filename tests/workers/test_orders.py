"""Each table that the web may write: whatever it writes there in anybody's name, no worker acts upon it without the event of
somebody who may have it done now.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from pytest_django import Settings

from audit.actions import record_event
from audit.database_rights import list_rights, load_orders
from audit.models import Event
from background.task_table import TASKS, TaskName
from catalog.classification.models import SamplingRole, Scan
from catalog.crawler_runs import CrawlerRun
from catalog.registrations.comparisons.models import RowComparison
from catalog.registrations.models import Registration
from catalog.sync.models import SyncRun, SyncSettings
from catalog.usage.models import Trail
from fulfilment.holds import Valve
from fulfilment.intents.models import Intent
from fulfilment.role_queries import TestQuery
from identity.connections import Checkup
from identity.people.models import Person
from kernel import clock
from requests_app.data_queries.models import DataQuery
from requests_app.grants.models import Grant
from requests_app.notifications.webhooks.models import Webhook, WebhookDelivery
from requests_app.table_credentials.models import TableCredential
from tests import factories
from tests.bank import Bank, approve, make_bank, submit_bank_item
from tests.database import as_operator, as_role
from tests.registrations import GOLD, ask, build_content, make_producer
from tests.requests_app.compromised_web.attacker import run_statement
from workers.aws import sessions
from workers.dispatch.due_rows import get_due_query
from workers.recorded_requests import NOT_ALLOWED, NOT_RECORDED, REQUEST_KINDS, find_refusal
from workers.tasks import ROW_TASKS

ORDERS = load_orders()
KINDS_OF_ORDERS = {"request", "intent", "governor"}
WRITTEN = sorted(
    {
        right.table
        for right in list_rights()
        if right.role == "web" and right.privilege in {"INSERT", "UPDATE"}
    }
)
REQUEST_TASKS: Mapping[type[Model], TaskName] = {
    DataQuery: TaskName.RUN_DATA_QUERY,
    TableCredential: TaskName.VEND_CREDENTIALS,
    TestQuery: TaskName.QUERY_AS_ROLE,
    CrawlerRun: TaskName.FOLLOW_CRAWLER,
    RowComparison: TaskName.COMPARE_ROWS,
    Scan: TaskName.SCAN_COLUMNS,
    SyncRun: TaskName.READ_CATALOG,
    Checkup: TaskName.CHECK_ACCOUNT,
}
REQUEST_TABLES = sorted(kind._meta.db_table for kind in REQUEST_KINDS)


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


@pytest.fixture(autouse=True)
def no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here may act in an account."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a worker acts in AWS")

    for name in ("_worker_session", "_worker_sts", "_assume_role"):
        monkeypatch.setattr(sessions, name, refuse)


def list_due_tables() -> set[str]:
    """Tables that a statement names which says what is due."""
    queries = [get_due_query(task) for task in TASKS]
    statements = [query.sql + (query.are_missing.sql if query.are_missing else "") for query in queries]
    return {name for sql in statements for name in re.findall(r"[a-z]+_[a-z_]+", sql)}


@pytest.mark.django_db
def test_each_written_table_that_makes_a_task_due_is_accounted_for(settings: Settings) -> None:
    settings.SCHEDULED_SCANS = settings.MAIL_IS_SENT = True
    assert sorted(list_due_tables() & set(WRITTEN) - set(ORDERS)) == []
    assert sorted(set(ORDERS) - set(WRITTEN)) == []
    assert [text for text in ORDERS.values() if text not in KINDS_OF_ORDERS and not text.endswith(".")] == []


def test_each_request_is_checked_and_each_check_is_listed() -> None:
    listed = sorted(table for table, text in ORDERS.items() if text == "request")
    assert listed == REQUEST_TABLES
    assert set(REQUEST_TASKS) == set(REQUEST_KINDS)


def list_related_models(table: str) -> set[Any]:
    model = next(one for one in apps.get_models() if one._meta.db_table == table)
    return {field.related_model for field in model._meta.get_fields() if field.is_relation}


def test_what_an_intent_carries_out_leads_to_it() -> None:
    tables = {table for table, text in ORDERS.items() if text == "intent"} - {Intent._meta.db_table}
    assert [table for table in sorted(tables) if Intent not in list_related_models(table)] == []


def make_registration(bank: Bank) -> Registration:
    """Another table at each call."""
    account = factories.make_account(bank.insurance)
    make_producer(account, bank.domain)
    number = Registration.objects.count()
    engineer = factories.make_principal(account, f"pipeline-{number}")
    content = build_content(
        bank.catalog, bank.domain, engineer, table=f"t{number}", location=f"{GOLD}t{number}/"
    )
    return ask(bank.ines, content)


def make_requests(bank: Bank, grant: Grant, person: Person) -> Mapping[type[Model], Callable[[], Model]]:
    """A row of each kind as an attacker writes it with the web's role, in the person's name."""
    now = clock.now()
    by: dict[str, Any] = {"requested_by": person, "requested_at": now}
    read: dict[str, Any] = {"table": bank.claims, "principal": grant.principal}
    return {
        DataQuery: lambda: DataQuery.objects.create(
            kind="query",
            **read,
            database="d",
            workgroup="w",
            columns=["claim_id"],
            filters=[],
            max_rows=9,
            **by,
        ),
        TableCredential: lambda: TableCredential.objects.create(
            product=bank.product, **read, seconds=900, **by
        ),
        TestQuery: lambda: TestQuery.objects.create(
            intent=grant.intent, generation=1, database="d", table="t", allowed_column="claim_id", **by
        ),
        CrawlerRun: lambda: CrawlerRun.objects.create(
            catalog=bank.catalog, crawler="c", due_at=now, sent_at=now, **by
        ),
        RowComparison: lambda: RowComparison.objects.create(
            registration=make_registration(bank), table_intent=grant.intent, **by
        ),
        Scan: lambda: Scan.objects.create(
            table=bank.claims, executions=[{"id": "x", "columns": ["claim_id"]}], **by
        ),
        SyncRun: lambda: SyncRun.objects.create(
            catalog=bank.catalog, may_tombstone=True, started_at=now, **by
        ),
        Checkup: lambda: Checkup.objects.create(account=bank.bi_account, **by),
    }


def run_task(row: Model) -> None:
    with as_role("meshmarket_worker"):
        ROW_TASKS[REQUEST_TASKS[type(row)]].run(row.pk)


def record_request(row: Model, person: Person) -> None:
    """As an attacker who writes the event, too."""
    record = REQUEST_KINDS[type(row)].build_record(row)
    record_event(
        verb=record.verb,
        actor=f"person:{person.pk}",
        subject=record.subject,
        data=dict(record.data),
        now=clock.now(),
    )


def list_incidents() -> list[str]:
    events = Event.objects.filter(verb="refuse_request").order_by("pk")
    return [event.data["reason"] for event in events]


def is_due(row: Model) -> bool:
    query = get_due_query(REQUEST_TASKS[type(row)])
    with connection.cursor() as cursor:
        cursor.execute(query.sql, query.params)
        return (row.pk,) in cursor.fetchall()


@pytest.mark.parametrize("kind", REQUEST_KINDS, ids=lambda kind: kind.__name__)
def test_no_worker_acts_upon_a_request_without_its_event_or_of_somebody_who_may_not_make_it_now(
    bank: Bank, kind: type[Model]
) -> None:
    grant, stranger = approve(bank, submit_bank_item(bank)), factories.make_person("Sten Stranger")
    unrecorded = make_requests(bank, grant, bank.greta)[kind]()
    run_task(unrecorded)
    assert list_incidents() == [NOT_RECORDED]
    of_a_stranger = make_requests(bank, grant, stranger)[kind]()
    record_request(of_a_stranger, stranger)
    run_task(of_a_stranger)
    assert list_incidents() == [NOT_RECORDED, NOT_ALLOWED]
    of_a_leaver = make_requests(bank, grant, bank.greta)[kind]()
    record_request(of_a_leaver, bank.greta)
    Person.objects.filter(pk=bank.greta.pk).update(is_active=False)
    run_task(of_a_leaver)
    assert list_incidents() == [NOT_RECORDED, NOT_ALLOWED, NOT_ALLOWED]
    assert not [row for row in (unrecorded, of_a_stranger, of_a_leaver) if is_due(row)]


def test_governance_admins_are_told_of_a_refused_request(bank: Bank) -> None:
    run_task(make_requests(bank, approve(bank, submit_bank_item(bank)), bank.sam)[Scan]())
    assert Event.objects.get(verb="refuse_request").data["people"] == [bank.greta.pk]


def test_the_web_requests_nothing_in_nobodys_name(bank: Bank) -> None:
    """A trigger refuses the row, or the worker does."""
    rows = make_requests(bank, approve(bank, submit_bank_item(bank)), bank.greta)
    for kind, make in rows.items():
        row = make()
        if not kind._meta.get_field("requested_by").null:
            continue
        if REQUEST_KINDS[kind].has_schedule:
            row.pk = None
            setattr(row, "requested_by", None)  # noqa: B010 - of any model
            with pytest.raises(IntegrityError, match="in nobody's name"), transaction.atomic():
                row.save(force_insert=True)
        else:
            setattr(row, "requested_by", None)  # noqa: B010 - of any model
            with as_role("meshmarket_worker"):
                assert find_refusal(row, clock.now()) == NOT_RECORDED


def make_settings(bank: Bank) -> Iterator[tuple[str, Model]]:
    """By the kind of subject of their events."""
    principal = factories.make_principal(bank.catalog.account, "sampler")
    webhook = Webhook.objects.create(name="SIEM", url="https://siem.example/events")
    event = record_event(verb="test", actor="engine:test", subject="x", data={}, now=clock.now())
    yield "webhook", webhook
    yield (
        "delivery",
        WebhookDelivery.objects.create(
            webhook=webhook, event=event, body="{}", created_at=clock.now(), due_at=clock.now()
        ),
    )
    yield "trail", Trail.objects.create(catalog=bank.catalog, bucket="logs-of-the-bank")
    yield "syncsettings", SyncSettings.objects.create(catalog=bank.catalog)
    yield (
        "samplingrole",
        SamplingRole.objects.create(catalog=bank.catalog, principal=principal, workgroup="primary"),
    )
    yield "valve", Valve.objects.create(reason="Migration", closed=True)


CHANGES = {
    "webhook": "url = 'https://elsewhere.example/'",
    "delivery": "sent_at = NULL",
    "trail": "bucket = 'elsewhere'",
    "syncsettings": "events_queue_url = 'https://sqs.example/elsewhere'",
    "samplingrole": "workgroup = 'elsewhere'",
    "valve": "closed = false",
}


def test_what_workers_act_on_for_long_is_set_on_the_record_of_a_governance_admin(bank: Bank) -> None:
    with as_operator():
        rows = dict(make_settings(bank))
    governed = {table for table, text in ORDERS.items() if text == "governor"}
    assert {row._meta.db_table for row in rows.values()} == governed
    for subject, row in rows.items():
        change = f"UPDATE {row._meta.db_table} SET {CHANGES[subject]} WHERE id = {row.pk}"
        for person, verb in ((None, ""), (bank.sam, "change_it"), (bank.greta, "test_webhook")):
            if person is not None:
                record_change(row, subject, person, verb)
            with pytest.raises(IntegrityError, match="not on the record of a governance admin"):
                run_statement(change)
        record_change(row, subject, bank.greta, "change_it")
        run_statement(change)


def record_change(row: Model, subject: str, person: Person, verb: str) -> None:
    actor, name = f"person:{person.pk}", f"{subject}:{row.pk}"
    record_event(verb=verb, actor=actor, subject=name, data={}, now=clock.now())
