"""`python -m awsim.scenarios [files or folders] --against in-process|server`: one line a file.

Exit status 1 when a scenario failed, 2 when a file is malformed.
"""

import argparse
import sys
from pathlib import Path

from awsim.scenarios.command_line import CommandLinePlace
from awsim.scenarios.places import InProcessPlace, Place, RefusedError, ServerPlace
from awsim.scenarios.running import FailedError, Run
from awsim.scenarios.scenario import MalformedError, Scenario, files, read

FAILED, MALFORMED = 1, 2
PLACES: dict[str, type[InProcessPlace | ServerPlace]] = {
    "in-process": InProcessPlace,
    "server": ServerPlace,
    "awscli": CommandLinePlace,
}


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    try:
        scenarios = [read(path) for path in files(options.places)]
    except MalformedError as error:
        sys.stderr.write(f"{error}\n")
        return MALFORMED
    place: Place = PLACES[options.against]()
    try:
        statuses = [_line(scenario, place) for scenario in scenarios]
    finally:
        place.close()
    _say(f"{statuses.count(0)} of {len(statuses)} scenarios went as they say")
    return max(statuses, default=0)


def _line(scenario: Scenario, place: Place) -> int:
    try:
        Run(scenario, place)()
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
    parser = argparse.ArgumentParser(prog="awsim.scenarios", description="Run scenario files.")
    parser.add_argument(
        "places", nargs="*", type=Path, help="files or folders; all that awsim has without any"
    )
    parser.add_argument("--against", choices=[*PLACES], default="in-process")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
