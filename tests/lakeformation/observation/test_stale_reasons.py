"""The sentence of why an access is stale tells its reason, also when it is read again."""

import re

import pytest

from lakeformation.observation.reading import (
    RECREATED_TABLE_PATTERN,
    StaleReason,
    describe_deleted,
    describe_recreated,
    name_database,
    name_table,
    parse_stale_reason,
)

TABLE, DATABASE, ROLE = (
    name_table("gold", "claims"),
    name_database("gold"),
    "arn:aws:iam::123456789012:role/bi",
)
SENTENCES = {
    describe_recreated(TABLE): StaleReason.TABLE_RECREATED,
    describe_deleted(TABLE): StaleReason.TABLE_DELETED,
    describe_recreated(DATABASE): StaleReason.DATABASE_RECREATED,
    describe_deleted(DATABASE): StaleReason.DATABASE_DELETED,
    describe_recreated(ROLE): StaleReason.PRINCIPAL_RECREATED,
    describe_deleted(ROLE): StaleReason.PRINCIPAL_DELETED,
    "AWS refused to grant SELECT": None,
    "": None,
}


@pytest.mark.parametrize(("sentence", "reason"), SENTENCES.items())
def test_each_sentence_is_read_as_what_it_says(sentence: str, reason: StaleReason | None) -> None:
    assert parse_stale_reason(sentence) == reason
    is_for_owners = re.search(RECREATED_TABLE_PATTERN, sentence) is not None
    assert is_for_owners == (reason == StaleReason.TABLE_RECREATED)
