"""The chain is verified as time goes by: what is changed lately is found by the next pass, the rest within a full pass."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from audit import verification
from audit.models import Event, Pending, Seal, Verification
from audit.verification import (
    get_verification,
    is_verification_late,
    run_verification_pass,
    verify_full_chain,
)
from demo.embedded.throwaway_services import build_url
from kernel.advisory_locks import AdvisoryLock, format_lock_key
from tests.audit.test_chain import change_as_attacker, seal, write
from tests.database import TestDatabase, as_role


@pytest.fixture(autouse=True)
def as_worker(committed: TestDatabase) -> Iterator[None]:
    with as_role("meshmarket_worker"):
        yield


@pytest.fixture
def chain(committed: TestDatabase) -> TestDatabase:
    """Thirty links of the events 1 to 30, that one pass has verified."""
    change_as_attacker(committed, "SELECT setval(pg_get_serial_sequence('audit_event', 'id'), 1, false)")
    write(30)
    seal()
    outcome = run_verification_pass()
    assert outcome is not None
    assert (outcome.problems, outcome.link_count) == ((), 30)
    return committed


def list_problems() -> list[str]:
    outcome = run_verification_pass()
    assert outcome is not None
    return [str(problem) for problem in outcome.problems]


RECENT_CHANGES = [
    ("UPDATE audit_event SET data = '{\"n\": 9}' WHERE subject = 'item:29'", "the event was changed"),
    ("UPDATE audit_event SET digest = repeat('0', 64) WHERE subject = 'item:5'", "the event was changed"),
    ("UPDATE audit_seal SET hash = repeat('0', 64) WHERE seq = 30", "not the one that was verified before"),
    ("DELETE FROM audit_seal WHERE seq = 12", "link 12 is missing"),
    ("DELETE FROM audit_seal WHERE seq = 30", "neither sealed nor waiting"),
    ("DELETE FROM audit_event WHERE subject = 'item:11'", "is missing"),
    ("DELETE FROM audit_seal WHERE seq > 28; DELETE FROM audit_event WHERE subject IN ('item:28', 'item:29')",
     "the end of the chain is missing"),
    ("DELETE FROM audit_seal; DELETE FROM audit_event", "the end of the chain is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "words"), RECENT_CHANGES)
def test_the_next_pass_finds_it_and_every_later_one_too(
    chain: TestDatabase, statement: str, words: str
) -> None:
    change_as_attacker(chain, statement)
    assert any(words in text for text in list_problems())
    write(1)
    seal()
    assert any(words in text for text in list_problems())
    row = get_verification()
    assert row is not None
    assert row.broken_since is not None


def test_an_event_whose_digest_does_not_fit_is_found_before_its_seal_and_after() -> None:
    with as_role("meshmarket_web"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_event (at, verb, actor, subject, data, digest)"
            " VALUES (now(), 'approve_item', 'engine:test', 'item:1', '{}', repeat('0', 64)) RETURNING id"
        )
        (pk,) = cursor.fetchone()
        cursor.execute("INSERT INTO audit_pending (event_id) VALUES (%s)", [pk])
    assert list_problems() == [f"event {pk}: the event was changed before it was sealed"]
    seal()
    assert f"link 1, event {pk}: the event was changed after it was written" in list_problems()


def test_an_event_that_nobody_queued_for_its_seal_is_found() -> None:
    with as_role("meshmarket_web"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_event (at, verb, actor, subject, data, digest)"
            " VALUES (now(), 'approve_item', 'engine:test', 'item:1', '{}', repeat('0', 64))"
        )
    assert len(list_problems()) == 1


def test_what_is_put_back_is_no_problem_any_more(chain: TestDatabase) -> None:
    change_as_attacker(chain, "UPDATE audit_event SET verb = 'x' WHERE subject = 'item:3'")
    assert list_problems()
    change_as_attacker(chain, "UPDATE audit_event SET verb = 'approve_item' WHERE subject = 'item:3'")
    assert list_problems() == []
    row = get_verification()
    assert row is not None
    assert row.broken_since is None


def test_old_links_are_verified_in_slices(chain: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "RECENT_COUNT", 3)
    monkeypatch.setattr(verification, "SLICE_SIZE", 10)
    assert list_problems() == []
    change_as_attacker(chain, "UPDATE audit_event SET verb = 'x' WHERE subject = 'item:20'")
    passes = [bool(list_problems()) for _ in range(4)]
    # It lies in the last of three slices, and stays known while others are looked at.
    assert passes in ([False, False, True, True], [False, True, True, True])
    row = Verification.objects.get()
    assert (row.full_seq, row.full_at is not None, row.full_seconds is not None) == (30, True, True)


def test_a_pass_reads_no_more_than_the_latest_links_and_a_slice(
    chain: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "RECENT_COUNT", 3)
    monkeypatch.setattr(verification, "SLICE_SIZE", 10)
    write(2)
    seal()
    outcome = run_verification_pass()
    assert outcome is not None
    assert outcome.link_count == 5


def test_the_whole_chain_at_once(chain: TestDatabase) -> None:
    assert verify_full_chain().link_count == 30
    change_as_attacker(chain, "UPDATE audit_seal SET prev = repeat('1', 64) WHERE seq = 4")
    assert [problem.seq for problem in verify_full_chain().problems] == [4]


def test_two_at_work_at_once_verify_once(chain: TestDatabase) -> None:
    with psycopg.connect(build_url(chain.server, chain.name)) as other:
        other.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [format_lock_key(AdvisoryLock.CHAIN_VERIFICATION)],
        )
        assert run_verification_pass() is None
    assert run_verification_pass() is not None


def test_a_chain_that_nobody_verifies_is_late(chain: TestDatabase) -> None:
    assert not is_verification_late()
    change_as_attacker(chain, "UPDATE audit_verification SET recent_at = recent_at - interval '6 minutes'")
    assert is_verification_late()


def test_of_an_empty_chain_there_is_nothing_to_say() -> None:
    assert not Event.objects.exists()
    assert not Seal.objects.exists()
    assert not Pending.objects.exists()
    assert list_problems() == []


def test_the_times_that_the_docs_promise(settings: Settings) -> None:
    every = settings.AUDIT_VERIFY_EVERY
    assert every * 2 < 60
    assert 100_000 / verification.SLICE_SIZE * every <= 7 * 60
    assert verification.MAX_PASSES * every <= 11.5 * 3600
