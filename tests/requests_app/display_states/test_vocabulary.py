"""Each state has one word, one colour and one icon."""

import re
from collections.abc import Mapping
from enum import Enum

import pytest

from catalog.classification.models import FindingState, ScanState
from catalog.crawler_runs import CrawlerRunState
from catalog.problems import ProblemState
from decisions.kinds import iterate_decided_kinds
from decisions.states import SHOWN_STATES
from demo.bootstrap import ROOT
from requests_app.display_states import work_states
from requests_app.display_states.vocabulary import (
    APPEARANCES,
    CHECK_MARK_APPEARANCES,
    LABELS,
    LIFECYCLE_LABELS,
    REASON_LABELS,
    CheckMark,
    DisplayState,
    Lifecycle,
    Reason,
    State,
    Tone,
)
from requests_app.recreated_tables.states import RecreatedTableState


def test_every_state_has_a_label_and_a_look() -> None:
    assert set(LABELS) == set(State) == set(APPEARANCES)
    assert set(REASON_LABELS) == set(Reason) - {Reason.NONE}
    assert set(CHECK_MARK_APPEARANCES) == set(CheckMark)
    assert set(LIFECYCLE_LABELS) == set(Lifecycle)


def test_ten_states_have_nine_looks() -> None:
    assert len(State) == 10
    assert len(set(APPEARANCES.values())) == 9
    assert APPEARANCES[State.REJECTED] == APPEARANCES[State.WITHDRAWN]


def test_no_two_looks_share_an_icon() -> None:
    icons = [look.icon for look in set(APPEARANCES.values())]
    assert len(icons) == len(set(icons))


def test_every_icon_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons.svg").read_text()))
    assert {look.icon for look in (*APPEARANCES.values(), *CHECK_MARK_APPEARANCES.values())} <= drawn


@pytest.mark.parametrize(
    ("state", "tone"),
    [
        (State.ACTIVE, Tone.GREEN),
        (State.ENDED, Tone.GREY),
        (State.REJECTED, Tone.GREY),
        (State.NOT_KNOWN, Tone.GREY),
        (State.NEEDS_ATTENTION, Tone.AMBER),
        (State.FAILED, Tone.RED),
        (State.APPLYING, Tone.BLUE),
        (State.ENDING, Tone.BLUE),
    ],
)
def test_tones(state: State, tone: Tone) -> None:
    assert DisplayState(state).tone == tone


def test_only_active_is_green() -> None:
    assert [state for state in State if DisplayState(state).tone == Tone.GREEN] == [State.ACTIVE]


def test_only_what_the_workers_change_is_moving() -> None:
    assert [state for state in State if DisplayState(state).is_changing] == [State.APPLYING, State.ENDING]


MARKED = re.compile(r'components/mark\.html" mark=\S+ word=([^ %]+)')
TRANSLATED = re.compile(r'{% translate "([^"]+)" as (\w+) %}')
WORDS_OF_STATES = re.compile(r"get_state_display|\.status\.label|\.state\.label")
ANSWERS = {
    "a worker dispatches", "all working", "Answer overdue", "approval missing", "beat dispatches", "broken", "Checking",
    "close to the limit", "exception", "gone", "intact", "late", "May break queries", "met", "no process dispatches",
    "no worker", "nobody can confirm", "No longer in the catalog", "none", "Not changed", "not known", "Not known",
    "not known yet", "not met", "not running in any process", "not verified recently", "not verified yet", "nothing",
    "Nothing missing", "one governor is enough", "open", "over the limit", "Owner's answer", "Query succeeded", "running",
    "run by a timer", "Something is missing", "stopped", "the sweep runs what is due", "two governors", "Unjustified",
    "working", "writes allowed", "writes stopped", "you", "You can read it", "You have access",
}  # fmt: skip
"""Answers to questions that pages ask. A word of a state is none of them: `components/state.html` shows states."""


def test_chips_hold_words_of_the_vocabulary_or_listed_answers() -> None:
    answers: set[str] = set()
    for path in sorted((ROOT / "templates").rglob("*.html")):
        source = path.read_text()
        for word in MARKED.findall(source):
            assert not WORDS_OF_STATES.search(word), f"{path.name}: show the state by components/state.html"
            answers |= {text for text, name in TRANSLATED.findall(source) if name == word}
    assert answers == ANSWERS
    labels = {str(label) for label in (*LABELS.values(), *REASON_LABELS.values())}
    assert not answers - {"Not known"} & labels


def test_states_of_decisions_and_work_cover_each_state_of_their_own() -> None:
    pairs: list[tuple[Mapping[str, DisplayState], type[Enum]]] = [
        (work_states.RECREATED_TABLE_STATES, RecreatedTableState),
        (work_states.PROBLEM_STATES, ProblemState),
        (work_states.CRAWLER_RUN_STATES, CrawlerRunState),
        (work_states.SCAN_STATES, ScanState),
        (work_states.FINDING_STATES, FindingState),
    ]
    for shown, own in pairs:
        assert set(shown) == {str(one.value) for one in own}


def test_kinds_of_decisions_show_each_status_by_a_state_of_the_vocabulary() -> None:
    for kind in iterate_decided_kinds():
        for status in kind.statuses or kind.states:
            state, reason = kind.shown.get(status) or SHOWN_STATES[status]
            assert DisplayState(State(state), Reason(reason)).label


def read_hues(names: str) -> set[float]:
    source = (ROOT / "static/css/tokens.css").read_text()
    colors = re.findall(rf"--(?:{names}): light-dark\((.*)\);", source)
    return {float(hue) for color in colors for hue in re.findall(r"oklch\([\d.]+ [\d.]+ ([\d.]+)\)", color)}


def test_no_hue_of_a_state_serves_a_class_or_a_tier() -> None:
    states, classes = read_hues("blue|green|amber|red"), read_hues(r"class-\w+")
    assert len(classes) == 3
    assert min(abs((one - other + 180) % 360 - 180) for one in states for other in classes) >= 30
    tags = re.findall(
        r"\.tag\.(\w+) {[^}]*--(?:blue|green|amber|red)", (ROOT / "static/css/components.css").read_text()
    )
    assert tags == ["attention"]


def test_who_may_report_a_problem_sees_no_warning() -> None:
    for path in (ROOT / "templates/portal/products").glob("*.html"):
        assert not re.search(
            r'icon "warn" %}[^{]*{% (?:block)?translate[^%]*Report a problem', path.read_text()
        ), path.name
