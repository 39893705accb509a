"""`manage.py take_screenshots`: photographs every page of a running demo."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from playwright.sync_api import sync_playwright

from demo.screenshots import find_chromium, launch_chromium, photograph_site, write_index


class Command(BaseCommand):
    help = "Saves a screenshot of every page of a running demo, light and dark, 1440 and 360 pixels wide."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", help="of the demo's site, such as http://127.0.0.1:8000/")
        parser.add_argument("folder", type=Path, help="for the PNG files and index.html")

    def handle(self, **options: Any) -> None:
        program = find_chromium()
        if program is None:
            raise CommandError(
                "There is no Chromium on the PATH. Install it, such as by `apt install chromium`."
            )
        options["folder"].mkdir(parents=True, exist_ok=True)
        with sync_playwright() as playwright:
            browser = launch_chromium(playwright, program)
            shots = photograph_site(browser, options["url"].rstrip("/"), options["folder"])
            browser.close()
        index = write_index(options["folder"], shots)
        count = sum(map(len, shots.values()))
        self.stdout.write(f"{count} screenshots of {len(shots)} pages: {index}")
