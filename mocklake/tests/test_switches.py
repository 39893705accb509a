"""Doubts about AWS are turned by name, all or none, and each way of each is shown by a scenario."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from mocklake import switches
from mocklake.switches import ALL, EACH_OTHER, OTHER
from mocklake.testing.server import Cloud
from mocklake.world import World

SCENARIOS = Path(switches.__file__).parent / "scenarios"


@cache
def _turned() -> set[tuple[str, Any]]:
    """Every (switch, value) that some scenario begins with or turns to."""
    found: set[tuple[str, Any]] = set()
    for path in SCENARIOS.glob("*/*.yaml"):
        content = yaml.safe_load(path.read_text())
        if path.parent.name != "seeds":
            parts = [content, *content["steps"]]
            found |= {pair for part in parts for pair in (part.get("switches") or {}).items()}
    return found


@pytest.mark.parametrize("name", ALL)
def test_a_scenario_shows_each_way_of_a_switch(name: str) -> None:
    shown = {value for turned, value in _turned() if turned == name}
    if ALL[name].any_number:
        assert shown - {ALL[name].values[0]}
    else:
        assert shown == set(ALL[name].values)


@pytest.mark.parametrize(("name", "value"), [(name, one.values[0]) for name, one in ALL.items()])
def test_a_world_begins_with_the_defaults(name: str, value: object) -> None:
    assert getattr(World().switches, name) == value


@pytest.mark.parametrize(("name", "value"), EACH_OTHER)
def test_each_switch_turns_alone(name: str, value: switches.Value) -> None:
    world = World()
    switches.turn(world, {name: value})
    stands = {one: about["value"] for one, about in switches.described(world).items()}
    assert stands == {one: about.values[0] for one, about in ALL.items()} | {name: value}


def test_all_switches_turn_together() -> None:
    world = World()
    switches.turn(world, OTHER)
    assert {name: getattr(world.switches, name) for name in ALL} == OTHER


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ({"merge_rows": True}, "no switch merge_rows; there are merge_column_rows, "),
        ({"merge_column_rows": 1}, "switch merge_column_rows is True or False, not 1"),
        ({"identical_grant": "refused"}, "switch identical_grant is 'accepted' or "),
        ({"late_listing_milliseconds": -1}, "switch late_listing_milliseconds is 0 or 300, not -1"),
        ({"empty_page_seed": True}, "switch empty_page_seed is 0 or 1, not True"),
    ],
)
def test_what_is_no_switch_or_no_value_turns_nothing(wanted: dict[str, object], text: str) -> None:
    world = World()
    with pytest.raises(ValueError, match=text.replace("(", r"\(")):
        switches.turn(world, {"hides_foreign_principals": "never"} | wanted)
    assert world.switches == World().switches


def test_the_control_api_shows_and_turns_them(tmp_path: Path) -> None:
    with Cloud.start(tmp_path) as cloud:
        turned = cloud.control("switches", {"identical_grant": "AlreadyExistsException"})
        assert turned["identical_grant"]["value"] == "AlreadyExistsException"
        assert turned["identical_grant"]["values"][0] == "accepted"
        assert cloud.control_status("switches", body={"identical_grant": True}) == 400
        assert cloud.control("switches") == turned
        cloud.kill()
        cloud.begin()
        cloud.control("reset", {})
        assert cloud.control("switches")["identical_grant"]["value"] == "accepted"


@pytest.mark.parametrize("switch", ALL.values(), ids=list(ALL))
def test_the_guide_has_a_row_for_each(switch: switches.Switch) -> None:
    values = ", ".join(f"`{json.dumps(one)}`" for one in switch.values)
    row = f"| `{switch.name}` | {values} | {switch.asks} | {switch.source} |"
    assert row in (SCENARIOS.parent / "docs" / "switches.md").read_text().splitlines()
