"""Each state has one word, one colour and one icon."""

import re

import pytest

from demo.bootstrap import ROOT
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
