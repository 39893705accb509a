"""Pages that are made from the code. `.venv/bin/python -m tests.docs.generated` writes them anew."""

import ast
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
from django.db.models import TextChoices

from demo.bootstrap import ROOT

if TYPE_CHECKING:
    from kernel.state_transitions import Transitions
    from requests_app.display_states.rules import StateRule
    from tests.requests_app.verbs_by_role import VerbRule

STATES = ROOT / "docs" / "states.md"
URLS = ROOT / "docs" / "urls.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
FEATURES_BEGIN, FEATURES_END = "<!-- features -->", "<!-- end of features -->"
MAPPED = (
    "kernel", "lakeformation", "audit", "background", "decisions", "identity", "fulfilment", "catalog", "requests_app", "portal",
    "workers", "marketplace",
)  # fmt: skip
UNMAPPED = {"admin", "management", "migrations", "__init__.py", "models.py", "apps.py", "admin.py"}
STATES_HEAD = """Made from the code by `tests/docs/generated.py`; a test compares. Any other transition
is refused and changes nothing."""
MAY_HEAD = """For each state and action: who may do it, and where it leads. Everything else is refused and changes nothing, for
each of: {people}. Nobody decides on their own request, or on a request of their own team unless they decide as its lead."""
BY_SEVERAL_HEAD = """If a rule requires the approval of {roles}: each approval is stored, and the last leads to `approved`."""
GRANT_HEAD = "What was agreed. Whether AWS holds it is the presence of the grant's intent, below."
SHOWN_HEAD = """Pages, mail, notifications and the API (`state`, `state_reason`) show the states above as one of ten words, from
`requests_app/display_states`. In each table the first row that matches applies. See [ADR 46](adr/0046-use-one-vocabulary-of-states.md)."""
PRESENCE_HEAD = """Only the engine writes it. *Present* and *absent* need the evidence of a round, at the intent's
current generation; the database refuses them without one."""


def build_states_page() -> str:
    """docs/states.md, from the tables of moves and the choices of the engine's rows."""
    from catalog.crawler_runs import CRAWLER_RUN_TRANSITIONS
    from catalog.problems import PROBLEM_TRANSITIONS
    from catalog.product_lifecycle.models import RETIREMENT_TRANSITIONS
    from catalog.products.models import PRODUCT_TRANSITIONS
    from catalog.products.offers.models import OFFER_TRANSITIONS
    from catalog.registrations.comparisons.states import COMPARISON_TRANSITIONS
    from decisions.states import DECISION_TRANSITIONS
    from fulfilment.intents.models import Intent
    from fulfilment.rounds import Round, Step
    from requests_app.access_requests.states import ITEM_TRANSITIONS
    from requests_app.access_reviews.states import ACCESS_REVIEW_ITEM_TRANSITIONS, ACCESS_REVIEW_TRANSITIONS
    from requests_app.break_glass.states import BREAK_GLASS_TRANSITIONS
    from requests_app.grants.states import GRANT_TRANSITIONS
    from requests_app.policies.states import POLICY_TRANSITIONS
    from requests_app.recreated_tables.states import RECREATED_TABLE_TRANSITIONS
    from tests.requests_app.verbs_by_role import OWNER_RULES, QUORUM_RULES, REQUIRED_ROLES, ROLE_DESCRIPTIONS

    may = MAY_HEAD.format(people=", ".join(ROLE_DESCRIPTIONS.values()))
    several = BY_SEVERAL_HEAD.format(roles=", ".join(ROLE_DESCRIPTIONS[role] for role in REQUIRED_ROLES))
    return "\n\n".join(
        [
            f"# States\n\n{STATES_HEAD}\n\n## Item of a request\n\n{format_transitions(ITEM_TRANSITIONS)}",
            f"### Who may do what\n\n{may}\n\n{format_verb_rules(OWNER_RULES)}\n\n{several}\n\n{format_verb_rules(QUORUM_RULES)}",
            f"## Grant\n\n{GRANT_HEAD}\n\n{format_transitions(GRANT_TRANSITIONS)}",
            f"## Registration, write request and role change\n\n{format_transitions(DECISION_TRANSITIONS)}",
            f"## Decision on a table that was created again\n\n{format_transitions(RECREATED_TABLE_TRANSITIONS)}",
            f"## Data product\n\n{format_transitions(PRODUCT_TRANSITIONS)}",
            f"## Retirement of a data product\n\n{format_transitions(RETIREMENT_TRANSITIONS)}",
            f"## Problem\n\n{format_transitions(PROBLEM_TRANSITIONS)}",
            f"## Version of an offer\n\n{format_transitions(OFFER_TRANSITIONS)}",
            f"## Version of a policy\n\n{format_transitions(POLICY_TRANSITIONS)}",
            f"## Access review\n\n{format_transitions(ACCESS_REVIEW_TRANSITIONS)}",
            f"## Item of an access review\n\n{format_transitions(ACCESS_REVIEW_ITEM_TRANSITIONS)}",
            f"## Break-glass\n\n{format_transitions(BREAK_GLASS_TRANSITIONS)}",
            f"## Comparison of a registered table\n\n{format_transitions(COMPARISON_TRANSITIONS)}",
            f"## Crawler run\n\n{format_transitions(CRAWLER_RUN_TRANSITIONS)}",
            f"## Presence of an intent\n\n{PRESENCE_HEAD}\n\n{format_choices(Intent.Presence)}",
            f"## Outcome of a round\n\n{format_choices(Round.Outcome)}",
            f"## Outcome of a step\n\n{format_choices(Step.Outcome)}",
            f"## What people see\n\n{format_display_states()}\n",
        ]
    )


def format_display_states() -> str:
    """The vocabulary, and by thing which state it is shown in."""
    from requests_app.display_states import rules
    from requests_app.display_states.vocabulary import APPEARANCES, DisplayState, State

    rows = ["| State | In words | Color | Icon |", "| --- | --- | --- | --- |"]
    rows += [
        f"| `{one}` | {DisplayState(one).label} | {APPEARANCES[one].tone} | {APPEARANCES[one].icon} |"
        for one in State
    ]
    tables: dict[str, Sequence[StateRule[Any]]] = {
        "Item, not approved": rules.ITEM_RULES,
        "Grant, live by row and time": rules.LIVE_GRANT_RULES,
        "Grant, revoked, expired or past its end": rules.ENDED_GRANT_RULES,
        "Permission of a catalog": rules.PERMISSION_RULES,
        "Drift finding": rules.DRIFT_FINDING_RULES,
        "Sync run": rules.SYNC_RUN_RULES,
        "Catalog": rules.CATALOG_RULES,
        "What the workers read: a catalog's permissions, a share": rules.SCOPE_RULES,
        "Break-glass": rules.BREAK_GLASS_RULES,
    }
    parts = [f"### {name}\n\n{format_rules(table)}" for name, table in tables.items()]
    order = ", ".join(f"`{state}`" for state in rules.REQUEST_RULES)
    request = f"### Request\n\nThe first of these states that one of its items has: {order}."
    steps = [
        "| Step | State |",
        "| --- | --- |",
        *(f"| `{step}` | `{state}` |" for step, state in rules.STEP_STATES.items()),
    ]
    return "\n\n".join(
        [SHOWN_HEAD, "\n".join(rows), *parts, request, "### Step of a timeline\n\n" + "\n".join(steps)]
    )


def format_rules(table: "Sequence[StateRule[Any]]") -> str:
    rows = ["| When | State | Reason |", "| --- | --- | --- |"]
    rows += [f"| {row.when} | `{row.state}` | {f'`{row.reason}`' if row.reason else ''} |" for row in table]
    return "\n".join(rows)


def format_transitions(table: "Transitions[Any]") -> str:
    rows = ["| State | In words | Leads to |", "| --- | --- | --- |"]
    for state, targets in table:
        after = ", ".join(f"`{target}`" for target in sorted(targets)) or "none: it is final"
        rows.append(f"| `{state}` | {state.label} | {after} |")
    return "\n".join(rows)


def format_verb_rules(table: "Iterable[VerbRule]") -> str:
    from tests.requests_app.verbs_by_role import ALL_STATES, ROLE_DESCRIPTIONS, VERB_NAMES

    rows = ["| State | Action | Who | Leads to |", "| --- | --- | --- | --- |"]
    for way in table:
        states = "every" if way.states == ALL_STATES else ", ".join(f"`{state}`" for state in way.states)
        people = ", ".join(ROLE_DESCRIPTIONS[who] for who in way.people)
        after = f"`{way.next_state}`" if way.next_state else "the same state"
        rows.append(f"| {states} | {VERB_NAMES[way.verb]} | {people} | {after} |")
    return "\n".join(rows)


def format_choices(found: type[TextChoices]) -> str:
    return "\n".join(
        ["| Value | In words |", "| --- | --- |", *(f"| `{one}` | {one.label} |" for one in found)]
    )


def build_urls_page() -> str:
    """docs/urls.md, from `marketplace.urls`; the admin's own pages apart."""
    from marketplace.urls import urlpatterns

    rows = [
        f"| `/{address}` | `{name}` |"
        for address, name in list_addresses(urlpatterns)
        if not address.startswith("admin/")
    ]
    head = "# Addresses\n\nMade from the code by `tests/docs/generated.py`; a test compares. The admin is at `/admin/`."
    return "\n".join([head, "", "| Address | Name |", "| --- | --- |", *rows, ""])


def list_addresses(patterns: Iterable[Any], before: str = "") -> Iterable[tuple[str, str]]:
    for pattern in patterns:
        address = f"{before}{pattern.pattern}"
        if hasattr(pattern, "url_patterns"):
            yield from list_addresses(pattern.url_patterns, address)
        else:
            yield address, pattern.name or ""


def build_architecture_page() -> str:
    """docs/architecture.md with the list of features between its marks."""
    before, _, rest = ARCHITECTURE.read_text(encoding="utf-8").partition(FEATURES_BEGIN)
    after = rest.partition(FEATURES_END)[2]
    return f"{before}{FEATURES_BEGIN}\n{format_features()}\n{FEATURES_END}{after}"


def format_features() -> str:
    """A list for each package that ships: its folders, and modules beside them that have a docstring."""
    return "\n\n".join(f"### `{package}`\n\n" + "\n".join(list_features(package)) for package in MAPPED)


def list_features(package: str) -> Iterable[str]:
    for path in sorted((ROOT / package).iterdir()):
        file = path / "__init__.py" if path.is_dir() else path
        if path.name in UNMAPPED or file.suffix != ".py" or not file.exists():
            continue
        docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
        if docstring:
            name = f"{path.name}/" if path.is_dir() else path.name
            yield f"* `{name}`: {docstring.split(chr(10) * 2)[0].replace(chr(10), ' ')}"


def build_pages() -> dict[Path, str]:
    return {STATES: build_states_page(), URLS: build_urls_page(), ARCHITECTURE: build_architecture_page()}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo.settings")
    django.setup()
    for page, text in build_pages().items():
        page.write_text(text, encoding="utf-8")
