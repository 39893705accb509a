"""`manage.py press_buttons`: presses the buttons of a running demo."""

import json
import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from playwright.sync_api import sync_playwright

from demo.button_crawl import CrawlPlan, press_buttons
from demo.screenshots import find_chromium, launch_chromium

SECONDS = 1800.0


class Command(BaseCommand):
    help = "Presses every button of every page of a running demo as every person who sees it; the demo is changed by it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", help="of the demo's site, such as http://127.0.0.1:8000/")
        parser.add_argument("--seed", type=int, default=1, help="of the order (default 1)")
        parser.add_argument("--chunk", default="1/1", help="a part of the pages, such as 2/4 (default 1/1)")
        parser.add_argument("--seconds", type=float, default=SECONDS, help=f"the most (default {SECONDS:g})")
        parser.add_argument("--person", action="append", default=[], help="a name, or several (default: all)")
        parser.add_argument("--output", type=Path, help="file for the report as JSON")

    def handle(self, **options: Any) -> None:
        """Raises CommandError when there are faults."""
        program, chunk = find_chromium(), re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", options["chunk"])
        if program is None:
            raise CommandError(
                "There is no Chromium on the PATH. Install it, such as by `apt install chromium`."
            )
        if chunk is None or int(chunk[1]) > int(chunk[2]):
            raise CommandError("The chunk is written as its number and the number of chunks, such as 2/4.")
        plan = CrawlPlan(options["seed"], int(chunk[1]), int(chunk[2]), options["seconds"], options["person"])
        with sync_playwright() as playwright:
            browser = launch_chromium(playwright, program)
            report = press_buttons(browser, options["url"].rstrip("/"), plan, self.stdout.write)
            browser.close()
        self.stdout.write(report.format())
        if options["output"]:
            options["output"].write_text(json.dumps(report.to_json(), indent=2) + "\n", encoding="utf-8")
        if report.faults:
            raise CommandError(f"{len(report.faults)} faults were found.")
