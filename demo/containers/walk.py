"""`python -m demo.containers.walk`: the verdict on a site and a pretend AWS that something else started, in German too.

It runs where the site answers at localhost:8000 and mocklake at localhost:5000, with MESHMARKET_DEMO_PASSWORD and
MOCKLAKE_STATE. Exits with 1 when a step is not true.
"""

import os
import sys
from pathlib import Path

import django

django.setup()

from demo.bank.accounts import REGION  # noqa: E402 - what follows reads models
from demo.journey.cloud import Cloud  # noqa: E402
from demo.journey.main_job import extract_text  # noqa: E402
from demo.journey.site_client import SiteClient  # noqa: E402
from demo.journey.steps import VerdictReport, require  # noqa: E402
from demo.journey.verdict import Verdict  # noqa: E402
from demo.journey.verdict_roles import PRODUCER  # noqa: E402

SITE = "http://localhost:8000/"
AWS_PORT = 5000
PAGES = ("/", "/search/", "/reviews/", "/access-requests/")
GERMAN_TEXT = "Abmelden"


def main() -> int:
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    password = os.environ["MESHMARKET_DEMO_PASSWORD"]
    cloud = Cloud(AWS_PORT, Path(os.environ["MOCKLAKE_STATE"]))
    report = VerdictReport(lambda line: print(line, flush=True))
    report.add_sequence().run_step("its pages are in German", lambda: check_german(password))
    steps = Verdict(SITE, password, cloud, report).run()
    wrong = [step for step in steps if not step["ok"]]
    for step in steps:
        print(f"  {'✓' if step['ok'] else '✗'} {step['name']}: {step['detail']}"[:200])
    print(f"{len(steps) - len(wrong)} of {len(steps)} steps are true", flush=True)
    return int(bool(wrong) or not steps)


def check_german(password: str) -> str:
    person = SiteClient(SITE, PRODUCER, password, language="de")
    english = [path for path in PAGES if GERMAN_TEXT not in extract_text(person.get_page(path))]
    require(not english, f"without {GERMAN_TEXT!r}: {english}")
    return f"{GERMAN_TEXT!r} on {', '.join(PAGES)}"


if __name__ == "__main__":
    sys.exit(main())
