"""Write access is requested for a domain's own roles, decided by another data owner, and never given to consumers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from audit.models import Event
from catalog.mirror.models import Table
from decisions.actions import end_proposal, reject_proposal, withdraw_proposal
from decisions.states import DecisionState
from fulfilment.intents.models import Intent
from identity.accounts import Account, Principal
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.grants.justification import find_unjustified
from requests_app.write_access.kind import WRITE_REQUEST
from requests_app.write_access.models import WriteRequest
from requests_app.write_access.queries import get_status, get_write_request
from requests_app.write_access.states import WriteRequestStatus
from tests import factories
from tests.bank import approve, submit_bank_item
from tests.requests_app.write_access.conftest import WritingBank
from tests.write_access import approve_writing


def test_an_approval_writes_an_intent_of_the_requested_verbs(writing: WritingBank) -> None:
    row = approve_writing(writing.bank.ines, writing.ask(verbs=["INSERT", "DELETE"]))
    assert row.intent is not None
    held = {
        (p.table, p.verb) for p, _ in row.intent.access.permissions if p.principal == writing.pipeline.arn
    }
    assert {verb for table, verb in held if table == "claims"} == {"DELETE", "DESCRIBE", "INSERT"}
    assert row.intent.expires_at == row.ends_at
    assert row.intent.access.identities == {("insurance_gold", "claims"): writing.bank.claims.glue_created_at}
    assert not row.intent.access.opens_data
    assert find_unjustified([row.intent]) == {}
    assert Event.objects.get(verb="approve_write_request").data["effects_hash"] == row.effects_hash


def test_developers_ask_and_another_data_owner_decides(writing: WritingBank) -> None:
    with pytest.raises(ForbiddenError):
        approve_writing(writing.dev, writing.ask())
    own = writing.ask(
        writing.bank.ines, verbs=["ALTER"], principal=factories.make_principal(writing.account, "b")
    )
    with pytest.raises(ForbiddenError, match="Another data owner"):
        approve_writing(writing.bank.ines, own)
    assert approve_writing(writing.bank.ivo, own).state == DecisionState.APPROVED


def test_people_outside_the_domain_find_nothing(writing: WritingBank) -> None:
    row = writing.ask()
    for person in (writing.bank.ana, writing.bank.sam):
        with pytest.raises(RefusedError, match="no such table in your domains"):
            writing.ask(person)
        with pytest.raises(NotFoundError):
            get_write_request(person, row.pk)
    assert get_write_request(writing.bank.greta, row.pk) == row


def make_consumer_role(writing: WritingBank) -> Principal:
    return writing.bank.role


def make_consumer_role_of_the_team(writing: WritingBank) -> Principal:
    return factories.make_principal(factories.make_account(writing.bank.insurance, name="Insurance BI"), "bi")


def make_role_of_another_producer(writing: WritingBank) -> Principal:
    account = factories.make_account(writing.bank.bi, name="BI makes")
    Account.objects.filter(pk=account.pk).update(is_producer=True)
    account.refresh_from_db()
    return factories.make_principal(account, "foreign-load")


def make_whole_account(writing: WritingBank) -> Principal:
    return factories.make_account_principal(writing.account)


@pytest.mark.parametrize(
    "make",
    [make_consumer_role, make_consumer_role_of_the_team, make_role_of_another_producer, make_whole_account],
)
def test_only_roles_of_the_domain_s_producer_accounts_can_write(writing: WritingBank, make: Any) -> None:
    with pytest.raises(RefusedError, match="Only roles in a producer account of Insurance") as refused:
        writing.ask(principal=make(writing))
    assert refused.value.field == "principal"
    assert not WriteRequest.objects.exists()


def test_an_account_that_no_longer_produces_is_refused_at_the_approval(writing: WritingBank) -> None:
    row = writing.ask()
    Account.objects.filter(pk=writing.account.pk).update(is_producer=False)
    with pytest.raises(RefusedError, match="producer account"):
        approve_writing(writing.bank.ines, row)


def test_an_approved_one_whose_account_no_longer_produces_is_not_justified(writing: WritingBank) -> None:
    row = approve_writing(writing.bank.ines, writing.ask())
    connection.check_constraints()
    Account.objects.filter(pk=writing.account.pk).update(is_producer=False)
    assert row.intent is not None
    assert list(find_unjustified([row.intent]).values()) == [
        "its role no longer belongs to a producer account of the domain"
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"verbs": []}, "verbs"),
        ({"verbs": ["SELECT"]}, "verbs"),
        ({"verbs": ["INSERT", "DROP"]}, "verbs"),
        ({"purpose": "  "}, "purpose"),
        ({"purpose": "x" * 2001}, "purpose"),
        ({"ends_in": -1}, "ends_at"),
        ({"ends_in": 4000}, "ends_at"),
    ],
)
def test_what_is_not_valid_is_refused_at_its_field(
    writing: WritingBank, changes: dict[str, Any], field: str
) -> None:
    ends_at = factories.days_from_now(changes.pop("ends_in", 30))
    with pytest.raises(RefusedError) as refused:
        writing.ask(**{"ends_at": ends_at, **changes})
    assert refused.value.field == field


def test_a_role_that_reads_some_columns_is_refused(writing: WritingBank) -> None:
    Account.objects.filter(pk=writing.account.pk).update(is_consumer=True, team=writing.bank.bi)
    writing.pipeline.refresh_from_db()
    approve(writing.bank, submit_bank_item(writing.bank, principal=writing.pipeline))
    Account.objects.filter(pk=writing.account.pk).update(team=writing.bank.insurance)
    writing.pipeline.refresh_from_db()
    with pytest.raises(RefusedError, match="reads only part of this table"):
        writing.ask()


def test_a_role_that_may_write_gets_no_part_of_the_table_to_read(writing: WritingBank) -> None:
    approve_writing(writing.bank.ines, writing.ask())
    connection.check_constraints()
    Account.objects.filter(pk=writing.account.pk).update(is_consumer=True, team=writing.bank.bi)
    writing.pipeline.refresh_from_db()
    with pytest.raises(RefusedError, match="INSERT on this table and can see every column"):
        submit_bank_item(writing.bank, principal=writing.pipeline)


def test_the_same_is_requested_once(writing: WritingBank) -> None:
    row = writing.ask(verbs=["INSERT", "DELETE"])
    with pytest.raises(RefusedError, match="already has an open request"):
        writing.ask(verbs=["ALTER"])
    approve_writing(writing.bank.ines, row)
    with pytest.raises(RefusedError, match="already has this access"):
        writing.ask(ends_at=row.ends_at - timedelta(days=1))
    assert writing.ask(verbs=["ALTER"]).state == DecisionState.WAITING


def test_an_approval_of_other_effects_is_refused(writing: WritingBank) -> None:
    with pytest.raises(RefusedError, match="has changed since"):
        approve_writing(writing.bank.ines, writing.ask(), "0" * 64)


def test_a_table_that_was_made_anew_is_not_approved(writing: WritingBank) -> None:
    row = writing.ask()
    Table.objects.filter(pk=row.table_id).update(tombstoned_at=clock.now())
    with pytest.raises(RefusedError, match="no longer exists"):
        approve_writing(writing.bank.ines, row)


def test_a_rejected_or_withdrawn_one_is_final(writing: WritingBank) -> None:
    rejected, now = writing.ask(), clock.now()
    words: dict[str, Any] = {"acting_user": writing.bank.ines, "pk": rejected.pk, "now": now}
    with pytest.raises(RefusedError):
        reject_proposal(kind=WRITE_REQUEST, **words, reason=" ")
    reject_proposal(kind=WRITE_REQUEST, **words, reason="Use the nightly load.")
    withdrawn = writing.ask()
    withdraw_proposal(kind=WRITE_REQUEST, acting_user=writing.dev, pk=withdrawn.pk, now=now)
    for row in (rejected, withdrawn):
        with pytest.raises(IllegalTransitionError):
            approve_writing(writing.bank.ines, row)
    assert not Intent.objects.exists()


def test_it_ends_early_with_its_intent(writing: WritingBank) -> None:
    row = approve_writing(writing.bank.ines, writing.ask())
    ended = end_proposal(
        kind=WRITE_REQUEST,
        acting_user=writing.bank.ivo,
        pk=row.pk,
        reason="The load moved.",
        now=clock.now(),
    )
    assert ended.intent_id is not None
    assert Intent.objects.get(pk=ended.intent_id).ended_at is not None
    assert get_status(get_write_request(writing.dev, row.pk), clock.now()) == WriteRequestStatus.ENDING
