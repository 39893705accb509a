"""`python -m mocklake.scenarios [files or folders] --against in-process|server|awscli|live`: one line a file.

Exit status 1 when a scenario failed, 2 when a file is malformed.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from mocklake.scenarios.live import LivePlace, left_out, read_accounts
from mocklake.scenarios.places import CommandLinePlace, InProcessPlace, Place, RefusedError, ServerPlace
from mocklake.scenarios.running import FailedError, Run
from mocklake.scenarios.scenario import MalformedError, Scenario, list_files, read_scenario

FAILED, MALFORMED = 1, 2
PLACES: dict[str, type[InProcessPlace | ServerPlace]] = {
    "in-process": InProcessPlace,
    "server": ServerPlace,
    "awscli": CommandLinePlace,
}


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    try:
        scenarios = [read_scenario(path) for path in list_files(options.places)]
        place = _place(options)
    except MalformedError as error:
        sys.stderr.write(f"{error}\n")
        return MALFORMED
    if isinstance(place, LivePlace):
        scenarios = list(_possible(scenarios, place))
    try:
        statuses = [_line(scenario, place) for scenario in scenarios]
    finally:
        place.close()
    _say(f"{statuses.count(0)} of {len(statuses)} scenarios went as they say")
    return max([*statuses, _remains(place)])


def _place(options: argparse.Namespace) -> Place:
    if options.against != "live":
        return PLACES[options.against]()
    if options.accounts is None:
        raise MalformedError(
            Path("--accounts"), "live AWS needs a file of accounts (mocklake/scenarios/README.md)"
        )
    if options.transcript is not None:
        options.transcript.mkdir(parents=True, exist_ok=True)
    return LivePlace(read_accounts(options.accounts), options.transcript)


def _possible(scenarios: list[Scenario], place: LivePlace) -> Iterator[Scenario]:
    for scenario in scenarios:
        why = left_out(scenario, place.known)
        if why:
            _say(f"left out   {scenario.name}: {why}")
        else:
            yield scenario


def _remains(place: Place) -> int:
    """What could not be taken away again in real accounts is a failure."""
    problems = place.problems if isinstance(place, LivePlace) else []
    for problem in problems:
        _say(f"REMAINS    {problem}")
    return FAILED if problems else 0


def _line(scenario: Scenario, place: Place) -> int:
    try:
        Run(scenario, place)()
        if isinstance(place, LivePlace):
            place.write(scenario.name)
    except MalformedError as error:
        _say(f"malformed  {error}")
        return MALFORMED
    except (FailedError, RefusedError) as error:
        _say(f"FAILED     {scenario.name}: {error}")
        return FAILED
    _say(f"ok         {scenario.name}: {scenario.shows}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mocklake.scenarios", description="Run scenario files.")
    parser.add_argument(
        "places", nargs="*", type=Path, help="files or folders; all that mocklake has without any"
    )
    parser.add_argument("--against", choices=[*PLACES, "live"], default="in-process")
    parser.add_argument(
        "--accounts", type=Path, help="for live: which real accounts and buckets the seed's are"
    )
    parser.add_argument(
        "--transcript", type=Path, help="for live: folder for the sanitised calls of each file"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
