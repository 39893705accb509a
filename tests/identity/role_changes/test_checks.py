"""The setting of the second governor is checked at each start."""

from typing import Any

import pytest

from identity.role_changes.checks import check_second_governor


@pytest.mark.parametrize(
    ("value", "found"), [("required", []), ("off", ["identity.W001"]), ("Off", ["identity.E001"])]
)
def test_off_is_warned_of_and_other_words_are_refused(settings: Any, value: str, found: list[str]) -> None:
    settings.SECOND_GOVERNOR = value
    assert [message.id for message in check_second_governor()] == found
