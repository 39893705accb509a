"""`manage.py measure_pages`: measures the main pages of a running demo."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from playwright.sync_api import sync_playwright

from demo.main_pages import MAIN_PAGES
from demo.page_figures import format_figures
from demo.page_measures import measure_jobs, measure_pages, pack_figures
from demo.screenshots import find_chromium, launch_chromium


class Command(BaseCommand):
    help = "Measures the main pages of a running demo in Chromium, and the keys and clicks of a request and of its approval."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", help="of the demo's site, such as http://127.0.0.1:8000/")
        parser.add_argument("--output", type=Path, help="file for the figures as JSON")
        parser.add_argument(
            "--page", action="append", help="name of a page, or several (default: all, and the jobs)"
        )

    def handle(self, **options: Any) -> None:
        program, url = find_chromium(), options["url"].rstrip("/")
        if program is None:
            raise CommandError(
                "There is no Chromium on the PATH. Install it, such as by `apt install chromium`."
            )
        chosen = [page for page in MAIN_PAGES if page.name in (options["page"] or [page.name])]
        with sync_playwright() as playwright:
            browser = launch_chromium(playwright, program)
            try:
                pages = measure_pages(browser, url, chosen)
                jobs = [] if options["page"] else measure_jobs(browser, url)
            except LookupError as error:
                raise CommandError(str(error)) from error
            finally:
                browser.close()
        figures = pack_figures(pages, jobs)
        self.stdout.write(format_figures(figures))
        if options["output"]:
            options["output"].write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
