"""Digests are computed in one way for ever: a chain that was sealed once is verified by every later version."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from audit.actions import GENESIS, event_digest, link_hash


@dataclass(frozen=True)
class LoggedEvent:
    at: datetime = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    verb: str = "approve_item"
    actor: str = "person:1"
    subject: str = "item:7"
    data: Any = None

    def compute_digest(self) -> str:
        return event_digest(
            at=self.at,
            verb=self.verb,
            actor=self.actor,
            subject=self.subject,
            data=self.data or {"b": 1, "a": "ü"},
        )


def test_the_digest_of_an_event_is_that_of_its_canonical_text() -> None:
    text = r'["2026-03-01T12:30:00.000000+00:00","approve_item","person:1","item:7",{"a":"\u00fc","b":1}]'
    assert LoggedEvent().compute_digest() == sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "changes",
    [
        {"at": LoggedEvent.at + timedelta(microseconds=1)},
        {"verb": "reject_item"},
        {"actor": "person:2"},
        {"subject": "item:8"},
        {"data": {"b": 1}},
    ],
)
def test_each_part_of_an_event_changes_its_digest(changes: dict[str, Any]) -> None:
    assert replace(LoggedEvent(), **changes).compute_digest() != LoggedEvent().compute_digest()


def test_a_link_binds_its_number_its_event_and_the_link_before() -> None:
    first = link_hash(seq=1, digest="aa", prev=GENESIS)
    assert first == sha256(f"1:aa:{'0' * 64}".encode()).hexdigest()
    assert (
        len({first, link_hash(seq=2, digest="aa", prev=GENESIS), link_hash(seq=1, digest="ab", prev=GENESIS)})
        == 3
    )
    assert link_hash(seq=1, digest="aa", prev=first) != first
