"""The system's Chromium: where it is and how it is started."""

import shutil

from playwright.sync_api import Browser, Playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """The path of the first of `PROGRAMS` on the PATH."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def launch_chromium(playwright: Playwright, program: str) -> Browser:
    """Without a window and with a new profile."""
    return playwright.chromium.launch(executable_path=program, headless=True, args=list(FLAGS))
