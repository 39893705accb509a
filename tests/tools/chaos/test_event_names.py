"""The events that `manage.py chaos` reads of the record are events that the product writes."""

import re

import pytest

from requests_app.display_states.rules import EVENT_STATES
from tools.chaos.scenarios import decisions, outages, races

STATEMENTS = (
    decisions.READ_OUTCOMES,
    outages.READ_DELAYS,
    outages.READ_EXPIRIES,
    races.READ_REMOVAL_SECONDS,
)


def list_verbs(statement: str) -> set[str]:
    conditions = re.findall(r"verb (?:=|IN) (\([^)]*\)|'\w+')", statement)
    return {verb for condition in conditions for verb in re.findall(r"'(\w+)'", condition)}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_each_verb_has_a_state_that_people_see(statement: str) -> None:
    verbs = list_verbs(statement)
    assert verbs
    assert verbs <= EVENT_STATES.keys()
