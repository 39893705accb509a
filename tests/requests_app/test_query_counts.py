"""What people do every day asks the database few and small questions: many joins are planned for longer than they run."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

from fulfilment.intents.models import Intent
from kernel import clock
from requests_app.grants.actions import revoke_grant, revoke_grants
from requests_app.review.actions import reject_item
from requests_app.submission.actions import withdraw_item
from tests import factories
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request
from tests.budgets import DEEDS
from tests.database import as_role, without_triggers

MAX_JOINS = 6
INDEXES = {"intent_of_principal", "intent_scope"}


@contextmanager
def limit_queries(statements: int) -> Iterator[None]:
    with CaptureQueriesContext(connection) as caught:
        yield
    asked = [one["sql"] for one in caught.captured_queries]
    assert len(asked) <= statements, "\n".join(asked)
    assert [sql for sql in asked if sql.count(" JOIN ") > MAX_JOINS] == []


def test_to_ask(bank: Bank) -> None:
    with limit_queries(DEEDS["request"]):
        submit_bank_request(bank)


def test_to_agree_having_looked_at_the_effects(bank: Bank) -> None:
    item = submit_bank_item(bank)
    with limit_queries(DEEDS["approve"]):
        approve(bank, item)


def test_to_say_no(bank: Bank) -> None:
    item = submit_bank_item(bank)
    with limit_queries(DEEDS["reject"]):
        reject_item(acting_user=bank.ines, item_id=item.pk, comment="Not this one", now=clock.now())


def test_to_take_back_an_ask(bank: Bank) -> None:
    item = submit_bank_item(bank)
    with limit_queries(DEEDS["withdraw"]):
        withdraw_item(acting_user=bank.ana, item_id=item.pk, now=clock.now())


def test_to_end_a_grant(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    with limit_queries(DEEDS["revoke"]):
        revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="No longer needed", now=clock.now())


def test_to_end_several_grants_asks_for_each_what_one_asks(bank: Bank) -> None:
    roles = [factories.make_principal(bank.bi_account, f"role-{number}") for number in range(3)]
    asked = [
        submit_bank_request(bank, principal=role, idempotency_key=role.name).items.get() for role in roles
    ]
    ids = [approve(bank, item).pk for item in asked]
    with limit_queries(3 * DEEDS["revoke"]):
        revoke_grants(acting_user=bank.ines, grant_ids=ids, reason="No longer needed", now=clock.now())


def test_what_was_granted_to_a_principal_and_between_accounts_is_found_by_an_index(bank: Bank) -> None:
    with without_triggers():
        Intent.objects.bulk_create(build_other_intent(number) for number in range(400))
    with as_role("meshmarket_owner"), connection.cursor() as cursor:
        cursor.execute("ANALYZE fulfilment_intent")
    with CaptureQueriesContext(connection) as caught:
        submit_bank_request(bank)
    asked = [one["sql"] for one in caught.captured_queries]
    read = [one for one in asked if 'FROM "fulfilment_intent"' in one and "'kind'" in one]
    used = {index for sql in read for index in INDEXES if index in explain_query(sql)}
    assert (len(read), used) == (2, INDEXES)


def explain_query(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())


def build_other_intent(number: int) -> Intent:
    return Intent(
        kind=Intent.Kind.GRANT, scope_key="share:1:1", subject=f"item:{number + 10_000}", effects={},
        wanted={"principal_arn": f"arn:aws:iam::111122223333:role/r{number}"}, created_at=clock.now(),
    )  # fmt: skip
