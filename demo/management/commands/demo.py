"""`manage.py demo`: everything set up, the main job run once, the verdict printed, the site served."""

import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from demo import try_to_break_operations
from demo.bootstrap import BUTTONS_OPTION, MEASURE_OPTION, ROOT, SCREENSHOT_OPTION
from demo.containers.run import IMAGE_SOURCES, run_containers
from demo.embedded.ports import parse_port
from demo.embedded.state_folder import StateFolder
from demo.journey import verdict as journey_verdict
from demo.journey.cloud import Cloud
from demo.local_site import install_later
from demo.marketplace_setup import PASSWORD_SECRET, MarketplaceSetup
from demo.page_figures import format_figures
from demo.supervisor.exit_codes import INTERRUPTED, exit_after
from demo.supervisor.supervisor import Supervisor

PORT = 8000
CRAWL_SECONDS = 1800.0
MAX_DETAIL_LENGTH = 160
SECONDS_BETWEEN_TRAIL_FILES = 10
SHOWN_PERSONS = (
    ("ana.keller@harbour.example", "asks for data, Business Intelligence"),
    ("mira.okafor@actuary-partners.example", "asks for data, from outside the bank"),
    ("jonas.weber@harbour.example", "owns the data of Insurance, decides"),
    ("greta.sommer@harbour.example", "governs the platform, sees everything"),
)
"""Whom the demo's start names; the persona switcher has them all."""


class Command(BaseCommand):
    help = "Starts the whole of Meshmarket on this machine, proves its main job, and serves until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="exit after the verdict: 0 when every step is true"
        )
        parser.add_argument(
            "--json", action="store_true", help="print the verdict as one JSON object, the last line"
        )
        parser.add_argument("--fresh", action="store_true", help="begin with empty state")
        parser.add_argument(
            "--port", type=parse_port, default=PORT, help=f"of the site (default {PORT}; 0 for any free one)"
        )
        parser.add_argument(
            SCREENSHOT_OPTION,
            type=Path,
            help="save a screenshot of every page in this folder after the verdict",
        )
        parser.add_argument(
            MEASURE_OPTION,
            type=Path,
            nargs="?",
            const=Path("page-measures.json"),
            help="measure the main pages in Chromium after the verdict, print a table, and write the figures into this file "
            "(default page-measures.json)",
        )
        parser.add_argument(
            BUTTONS_OPTION,
            type=float,
            nargs="?",
            const=CRAWL_SECONDS,
            metavar="SECONDS",
            help="press the buttons of every page in Chromium after the verdict as every person, for at most so many seconds "
            f"(default {CRAWL_SECONDS:g}), and print what is wrong; the demo is changed by it",
        )
        parser.add_argument(
            "--state", type=Path, default=ROOT / ".demo", help="folder of all state (default .demo)"
        )
        parser.add_argument(
            "--containers",
            nargs="?",
            choices=IMAGE_SOURCES,
            const=IMAGE_SOURCES[0],
            help="instead of all that, build the images, start what docker-compose.yml describes by podman, prove the main "
            "job there and end it; the images come from the registry, or with debian are made of Debian's packages",
        )

    def handle(self, **options: Any) -> None:
        """Exits with 0, 1 when a step of the verdict is not true, 2 when it cannot start, 130 on Ctrl-C."""
        if options["containers"]:
            exit_after(lambda: run_containers(options["containers"], write_line))
        exit_after(lambda: run(options), interrupted=INTERRUPTED if options["once"] else 0)


def run(options: dict[str, Any]) -> int:
    """Starts, proves, serves; leaves no process behind whatever happens."""
    started = time.monotonic()
    try_to_break_operations.register_operations()
    folder = StateFolder(options["state"])
    folder.acquire()
    if options["fresh"]:
        folder.wipe()
    marketplace = MarketplaceSetup()
    supervisor = Supervisor(
        folder,
        port=options["port"],
        write_line=write_line,
        before_migrate=[marketplace.read_code],
        during_web_start=[set_trail_interval, marketplace.fill],
    )
    try:
        supervisor.start()
        write_line(f"The site answers at {supervisor.url} after {time.monotonic() - started:.1f} s")
        verdict = supervisor.serve(
            lambda running: print_verdict(running, options, started), once=options["once"]
        )
        return 0 if verdict is None or verdict["ok"] or not options["once"] else 1
    finally:
        supervisor.stop()
        folder.release()


def set_trail_interval(supervisor: Supervisor) -> None:
    cloud = Cloud(supervisor.aws_port, supervisor.folder.path / "aws")
    cloud.control("trail", {"interval_seconds": SECONDS_BETWEEN_TRAIL_FILES})


def print_verdict(supervisor: Supervisor, options: dict[str, Any], started: float) -> dict[str, Any]:
    """The verdict of `demo.journey.verdict`: `ok`, `url`, `seconds`, `steps`; printed, as JSON too when asked."""
    steps = journey_verdict.run_verdict(supervisor, write_line)
    verdict = {
        "ok": bool(steps) and all(step["ok"] for step in steps),
        "url": supervisor.url,
        "seconds": round(time.monotonic() - started, 1),
        "steps": steps,
    }
    write_line(format_verdict(verdict))
    if options["screenshots"]:
        take_screenshots(supervisor, options["screenshots"])
    if options["measure_pages"]:
        measure_pages(supervisor, options["measure_pages"])
    if options["press_buttons"]:
        press_buttons(supervisor, options["press_buttons"])
    if not options["once"]:
        write_line(format_sign_in_help(supervisor))
        supervisor.run_on_main_thread(lambda: install_later(supervisor))
    if options["json"]:
        print(json.dumps(verdict), flush=True)
    return verdict


def take_screenshots(supervisor: Supervisor, folder: Path) -> None:
    """Takes screenshots of every page of the site, with an index.html that shows them."""
    write_line(f"Taking screenshots of every page into {folder}")
    supervisor.run_on_main_thread(
        lambda: supervisor.run_command(
            "take_screenshots",
            supervisor.url,
            str(folder.absolute()),
            process="web",
        )
    )


def measure_pages(supervisor: Supervisor, file: Path) -> None:
    """Prints heights, weights, keys and clicks of the main pages, and writes them into the file as JSON."""
    write_line(f"Measuring the main pages into {file}")
    supervisor.run_on_main_thread(
        lambda: supervisor.run_command(
            "measure_pages", supervisor.url, "--output", str(file.absolute()), process="web"
        )
    )
    write_line(format_figures(json.loads(file.read_text(encoding="utf-8"))))


def press_buttons(supervisor: Supervisor, seconds: float) -> None:
    """Prints what was wrong. Raises EmbeddedError when something was."""
    write_line(f"Pressing the buttons of every page, for at most {seconds:g} s")
    log = supervisor.folder.log_file("press_buttons")
    try:
        supervisor.run_on_main_thread(
            lambda: supervisor.run_command(
                "press_buttons", supervisor.url, "--seconds", str(seconds), process="web"
            )
        )
    finally:
        write_line(log.read_text(encoding="utf-8"))


def format_verdict(verdict: dict[str, Any]) -> str:
    """The verdict as aligned lines: mark, seconds, name, what was seen."""
    steps = verdict["steps"]
    width = max((len(step["name"]) for step in steps), default=0)
    lines = [
        f"  {get_mark(step)} {step['seconds']:6.2f} s  {step['name']:{width}}  {truncate(step['detail'])}"
        for step in steps
    ]
    failed = sum(not step["ok"] for step in steps)
    told = f"{failed} of {len(steps)} steps are not true" if failed else f"all {len(steps)} steps are true"
    return "\n".join(["", *lines, "", f"Verdict after {verdict['seconds']} s: {told}"])


def get_mark(step: dict[str, Any]) -> str:
    """True, not run, or not true."""
    if step["ok"]:
        return "✓"
    return "–" if step["detail"].startswith("not run") else "✗"


def truncate(detail: str) -> str:
    line = " ".join(detail.split())
    return line if len(line) <= MAX_DETAIL_LENGTH else f"{line[: MAX_DETAIL_LENGTH - 1]}…"


def format_sign_in_help(supervisor: Supervisor) -> str:
    password = supervisor.folder.get_secret(PASSWORD_SECRET)
    return "\n".join(
        [
            "",
            f"Open {supervisor.url} and pick a person there, or sign in with this password: {password}",
            *(f"  {email:40}  {what}" for email, what in SHOWN_PERSONS),
            "Ctrl-C stops everything and keeps the state.",
        ]
    )


def write_line(line: str) -> None:
    print(line, flush=True)
