"""Numbers that pages and decisions state are those of the code.

Where one of them changes, change the sentence too, or the claim beside it here. What a measurement found is no claim of this kind.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta

from audit import verification_schedule, verification_state
from background import health, queue_states, queued_tasks, task_failures, worker_processes
from catalog.change_feed.models import ChangeAction
from catalog.classification.detection import detector
from catalog.crawler_runs import progress as crawler_progress
from catalog.lineage import graph
from catalog.lineage.intake import actions as lineage_actions
from catalog.lineage.intake import events as lineage_events
from catalog.mesh import comparison, schema_similarity, searches_without_result
from catalog.product_files import formats as product_files
from catalog.product_files.service_levels import PROPERTIES
from catalog.quality import anomalies
from catalog.quality.formats import json_reading
from catalog.search import glossary_terms, items, reasons, similar, spelling, text_queries
from catalog.search.alerts import matches as alert_matches
from catalog.search.completion import prefix_cache, words
from catalog.search.index import vocabulary
from catalog.search.models import DEFAULTS as WEIGHTS
from catalog.search.plans import entitlements, general_plan, ranking, rare_term_plan
from catalog.usage.retention import KEPT_EXECUTION_DAYS
from demo.bootstrap import ROOT
from demo.embedded.mail_catcher import MAX_MAILS
from demo.embedded.progress import SILENCE_SECONDS
from fulfilment.observations.reading_age import DETECTION_TARGET
from fulfilment.rounds.models import REFUSAL_INITIAL_WAIT, REFUSAL_MAX_WAIT
from identity.people.may import SIGN_IN_LIMIT
from identity.role_changes import proposals
from kernel.strict_yaml import MAX_DEPTH
from lakeformation.checkup.checks import RULES, UNREADABLE
from lakeformation.planning.changes import MAX_BATCH_ENTRIES
from marketplace import caching, settings
from marketplace.http_server.connections import Limits
from portal.api import throttling
from portal.api.parsers import UNPACKED_FACTOR
from portal.mesh.sections import REPORTS
from portal.pages.column_pages import FIRST_COLUMNS, PAGE_SIZE
from portal.products.columns import MIN_SHOWN
from portal.quality.views import MAX_RUNS
from portal.templatetags.cached_include import CACHE_SIZE
from requests_app.break_glass import actions as break_glass
from requests_app.break_glass.models import MAX_HOURS
from requests_app.data_queries.filters import MAX_FILTERS, Operator
from requests_app.data_queries.query_requests import DEFAULT_ROWS
from requests_app.display_states.vocabulary import State
from requests_app.grants.usage import USAGE_WINDOW
from requests_app.mesh.joinable import MAX_PARTNERS
from requests_app.notifications.mail_links import LINK_LIFETIME
from requests_app.notifications.webhooks.deliveries import MAX_EVENT_AGE
from requests_app.policy_engine.required_information import MAX_VARIABLE_REPEATS
from requests_app.review.bulk.execution import CLAIM_DURATION
from requests_app.review.delegation.actions import MAX_DURATION
from requests_app.table_credentials.models import MIN_MINUTES
from requests_app.targets.many_tables import MAX_TABLES
from tests.architecture.source import SHIPPED, list_files
from tests.architecture.test_sizes import LONG_FUNCTION, LONG_MODULE, MAX_FUNCTION, MAX_MODULE
from tests.docs.environment_variables import parse_documented_defaults
from tests.docs.pages import CODE, read_page
from tests.ledger.machine import INTERVAL_SECONDS, JUDGED_UP_TO
from tools.chaos.actors.outside_changes import CHANGE_KINDS
from tools.chaos.run.sizes import FULL, QUICK, USUAL
from tools.management.commands.bench import SUBJECTS
from tools.management.commands.fuzz import EXAMPLES
from tools.mutants.line_tests import MAX_TESTS
from tools.mutants.mutants import AREAS
from tools.source_figures import SMALL_MODULE
from workers import classification, query_history, task_run
from workers.accounts import principals
from workers.aws import change_times, iam
from workers.aws.errors import ErrorKind
from workers.dispatch import loop
from workers.engine import account_outage, claim, rounds
from workers.engine.reading import share
from workers.outbox import delivery
from workers.sync import reading

NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip


def spell(number: float) -> str:
    assert number == int(number)
    return NUMBERS[int(number)]


def count_minutes(period: timedelta) -> int:
    return period // timedelta(minutes=1)


def get_default(variable: str) -> str:
    """Of an environment variable, as docs/settings.md gives it; another test compares that with the code."""
    return parse_documented_defaults()[variable].strip("`").removesuffix(".0")


def count_contracts() -> int:
    return (ROOT / ".importlinter").read_text(encoding="utf-8").count("[importlinter:contract:")


DECISIONS: Mapping[int, Sequence[str]] = {
    9: [f"count {spelling.SLIP} times their frequency"],
    11: [
        f"reads {get_default('MESHMARKET_READ_BURST')} pages at once, then {get_default('MESHMARKET_READS_PER_SECOND')} a second",
    ],
    13: [f"A claim that is {spell(count_minutes(CLAIM_DURATION))} minutes old"],
    14: [f"more than {MAX_TABLES} tables is refused"],
    18: [
        f"One table in {general_plan.SAMPLE},",
        f'"{glossary_terms.RARE:,}+"',
        f"in at most {glossary_terms.RARE:,} documents skips the sample",
        f"Above {ranking.MAX_FULLY_RANKED:,} products or tables",
        f"{items.MAX_CACHED_TABLES:,} tables, none with more than {items.MAX_CACHED_COLUMNS} columns",
        f"checked in {vocabulary.SAMPLE} documents first",
    ],
    20: [f"at most {MAX_DURATION.days} days"],
    21: [
        f"the maximum hours (at most {MAX_HOURS},",
        "within an hour" if timedelta(hours=1) == break_glass.MAX_CONFIRMATION_DELAY else "",
    ],
    24: [f"in the last {USAGE_WINDOW.days} days"],
    25: [
        f"that more than {prefix_cache.MIN_WORDS} words share",
        f"which {words.MAX_COMPARED} documents show; above {words.MAX_EXACT} documents",
    ],
    26: [f"{CACHE_SIZE:,} fragments per process"],
    27: [f"More than {MAX_TABLES} tables cannot be requested at once"],
    30: [f"at most {spell(MAX_VARIABLE_REPEATS)} open-ended repetitions"],
    35: [
        f"in at most {glossary_terms.RARE:,} documents",
        f"more than {entitlements.MAX_HELD:,} documents use the general statement",
        f"Above {min(rare_term_plan.MAX_COUNTED, ranking.MAX_FULLY_RANKED):,} matches",
    ],
    37: [
        f"a lane of {8 * rare_term_plan.LANE} bits",
        f"of up to {rare_term_plan.MAX_COUNTED:,} documents",
        f"Above {min(rare_term_plan.MAX_COUNTED, ranking.MAX_FULLY_RANKED):,} matches",
        f"A process keeps {rare_term_plan.MAX_CACHED:,} codes",
    ],
    39: [
        f"older than {spell(share.MAX_INVITATION_AGE.days)} days",
        f"older than {spell(share.MIN_INVITATION_AGE // timedelta(hours=1))} hours",
    ],
    42: ["For a week" if timedelta(days=7) == proposals.BAR_PERIOD else ""],
    45: [
        f"its {get_default('MESHMARKET_CONNECTIONS_PER_ADDRESS')} connections at {Limits.bytes_per_second / 1024:g} KB/s",
        f"A streamed response above {Limits.unread_bytes / 1024**2:g} MB",
    ],
    46: [
        f"one of {spell(len(State))} states",
        f"after {count_minutes(DETECTION_TARGET)} minutes",
    ],
    47: [
        f"The longest wait is {spell(REFUSAL_MAX_WAIT / 60)} minutes",
        f"the latest {verification_schedule.RECENT_COUNT:,} links",
    ],
    48: [
        f"for {spell(throttling.CACHE_PAUSE)} seconds",
        "a quarter of a second" if caching.SOCKET_TIMEOUT_SECONDS == 1 / 4 else "",
    ],
    50: [f"the latest {MAX_MAILS}"],
    53: [
        f"{spell(SIGN_IN_LIMIT.per_email)} attempts for an email and {spell(SIGN_IN_LIMIT.per_address)} for an address",
        f"for {count_minutes(SIGN_IN_LIMIT.period)} minutes",
    ],
    57: [
        f"A lease of {spell(worker_processes.DISPATCH_LEASE_SECONDS)} seconds",
        f"deleted after {spell(queued_tasks.LOST_AFTER.total_seconds())} seconds",
        f"not been seen for {get_default('MESHMARKET_WORKER_TIMEOUT')} seconds",
        "a back-off of a minute at most" if task_failures.MAX_WAIT == 60 else "",
    ],
    60: [f"A first sync writes {reading.BATCH_SIZE} tables a statement"],
    61: [
        f"If fewer than {text_queries.FEW} documents have all of them",
        f"{ranking.MAX_FULLY_RANKED:,} products and {ranking.MAX_FULLY_RANKED:,} tables are ranked fully",
    ],
    68: [f"at most {MAX_DEPTH} levels and {product_files.MAX_FILE_LENGTH:,} characters"],
    70: [
        f"on {detector.MIN_REFERENCE_VALUES} sampled values or more of which at most {detector.MAX_REFERENCE_VALUES} differ",
    ],
    72: [
        f"after {spell(crawler_progress.MIN_PAUSE)} seconds at first",
        "a tenth of the run's age, a minute at most"
        if (crawler_progress.PAUSES_PER_AGE, crawler_progress.MAX_PAUSE) == (10, 60)
        else "",
    ],
    75: [
        f"more than {spell(count_minutes(lineage_events.MAX_AHEAD))} minutes ahead",
        f"kept for the last {lineage_events.MAX_KEYS:,}",
        f"the depth is limited to {spell(graph.MAX_DEPTH)}",
    ],
    77: [
        f"the last {MAX_RUNS} results",
        f"{spell(anomalies.DEVIATIONS)} times their median absolute deviation",
        f"half of the last {anomalies.LAST_VALUES} values",
    ],
    81: [f"leaves its id for {KEPT_EXECUTION_DAYS} days"],
    82: ["once a day" if timedelta(days=1) == comparison.COMPARED_EVERY else ""],
    86: [
        "beat looks once a second" if loop.IDLE_INTERVAL == 1 else "",
        "once a minute at most" if loop.SHORTEST_RETENTION == 60 else "",
    ],
    97: ["fewer than twenty in all" if count_contracts() < 20 else ""],
}
BUDGETS = tomllib.loads((ROOT / "tests" / "ledger" / "budgets.toml").read_text(encoding="utf-8"))
PAGES: Mapping[str, Sequence[str]] = {
    "CONTRIBUTING.md": [
        f"A function of more than {LONG_FUNCTION} lines or a module of more than {LONG_MODULE} is named",
        f"more than {MAX_FUNCTION} and {MAX_MODULE} are refused",
        f"modules of fewer than {SMALL_MODULE} lines",
        f"Every {INTERVAL_SECONDS:g} s it also measures",
        f"where that is above {JUDGED_UP_TO:g}",
        f"A file may take {BUDGETS['file']} s, all tests {BUDGETS['suite']:,}",
        f"beyond {BUDGETS['failing']:g} times as much it fails",
    ],
    "README.md": ["has done nothing for a minute" if SILENCE_SECONDS == 60 else ""],
    "SECURITY.md": [
        (
            f"{spell(SIGN_IN_LIMIT.per_email)} attempts for an email and {spell(SIGN_IN_LIMIT.per_address)} from an address in "
            f"{spell(count_minutes(SIGN_IN_LIMIT.period))} minutes"
        ),
        f"after {settings.SESSION_COOKIE_AGE // 60} idle minutes, and after {settings.LONGEST_SESSION // 3600} hours",
        "for a week" if timedelta(days=7) == proposals.BAR_PERIOD else "",
    ],
    "docs/classification.md": [
        f"{classification.MAX_ATTEMPTS} times at most",
        f"{classification.COLUMNS_PER_QUERY} columns a query",
        f"{detector.MIN_SHARE_UNNAMED:.0%}".replace("%", " %") + " of the values must pass the check",
        "with it " + f"{detector.MIN_SHARE_NAMED:.0%}".replace("%", " %"),
        f"{detector.MIN_REFERENCE_VALUES} values or more, of which at most {detector.MAX_REFERENCE_VALUES} differ",
    ],
    "docs/data-api.md": [
        f"reads up to {settings.SAMPLE_ROWS} rows",
        f"up to {MAX_FILTERS}; all must hold",
        f"{DEFAULT_ROWS} if you send none",
        f"none for less than {MIN_MINUTES} minutes",
    ],
    "docs/derived-products.md": [f"**Over many steps**, {spell(graph.MAX_DEPTH)} at most"],
    "docs/engine.md": [
        f"more than {spell(iam.MAX_SINGLE_READS)} roles or users",
        f"at most {MAX_BATCH_ENTRIES} entries",
        f"{rounds.INITIAL_WAIT:g} s, {rounds.MAX_WAIT:g} s, with jitter",
        f"{REFUSAL_INITIAL_WAIT:g} s, {REFUSAL_MAX_WAIT / 60:g} minutes, with jitter",
        f"a try every {claim.OUTAGE_RETRY_SECONDS:g} s",
        f"After {spell(account_outage.LONG_OUTAGE_SECONDS)} seconds",
    ],
    "docs/fuzz.md": [f"# {spell(EXAMPLES)} passes over all operations"],
    "docs/lineage.md": [
        f"a list of up to {lineage_actions.MAX_EVENTS:,}",
        f"more than {spell(count_minutes(lineage_events.MAX_AHEAD))} minutes in the future",
    ],
    "docs/mesh.md": [
        f"searches of the last {searches_without_result.SHOWN_FOR.days} days",
        f"up to {spell(schema_similarity.RARE)} schemas have",
        f"fewer than {spell(schema_similarity.MIN_COLUMNS)} columns",
        f"at most {comparison.MAX_TABLES} tables of products",
        f"up to {spell(MAX_PARTNERS)} such products",
        f"once {spell(searches_without_result.MIN_PEOPLE)} people searched for it on one day",
        f"searched for {spell(searches_without_result.MIN_SEARCHES)} times",
    ],
    "docs/mutants.md": [f"up to {MAX_TESTS} tests"],
    "docs/operations.md": [
        f"`MESHMARKET_SCAN_EVERY` seconds ({get_default('MESHMARKET_SCAN_EVERY')})",
        f"expires after {proposals.PROPOSAL_PERIOD.days} days",
        "none again within an hour" if timedelta(hours=1) == principals.TAGS_MAX_AGE else "",
        f"{spell(reading.MAX_VANISHED_WITHOUT_PAUSE)} tables always may",
        f"pages ({get_default('MESHMARKET_READ_BURST')})",
        f"`MESHMARKET_READS_PER_SECOND` ({get_default('MESHMARKET_READS_PER_SECOND')})",
        f"gone after {get_default('MESHMARKET_WORKER_TIMEOUT')} seconds",
        "waits for more than a minute is late" if timedelta(minutes=1) == queue_states.MAX_AGE else "",
        f"reported for {spell(count_minutes(health.PROCESS_TIMEOUT))} minutes is degraded",
        f"is retried {spell(task_run.MAX_TRANSIENT_RETRIES)} times",
        f"was not verified for {spell(count_minutes(verification_state.MAX_VERIFICATION_AGE))} minutes",
        f"the {verification_schedule.RECENT_COUNT:,} before them",
        f"A slice has {verification_schedule.SLICE_SIZE:,} links",
        f"at most {spell(REFUSAL_MAX_WAIT / 60)} minutes, with jitter",
        f"marks anything beyond {spell(count_minutes(DETECTION_TARGET))} minutes",
    ],
    "docs/products.md": [
        f"A page shows {PAGE_SIZE} columns at once",
        f"at least {MIN_SHOWN} of each table",
        f"a list of more than {PAGE_SIZE} columns shows the first {FIRST_COLUMNS}",
    ],
    "docs/quality.md": [
        f"at most {change_times.MAX_OBJECT_PAGES} pages of objects in a folder and {change_times.MAX_PARTITION_PAGES} pages of partitions",
        f"{json_reading.MAX_REPORTS} datasets and {json_reading.MAX_RULES:,} results",
        f"{spell(UNPACKED_FACTOR)} times as much when it is unpacked",
        f"the last {anomalies.LAST_VALUES} than {spell(anomalies.DEVIATIONS)} times",
        f"At least {spell(anomalies.MIN_VALUES)} earlier values",
    ],
    "docs/requests.md": [
        f"gives up after {delivery.MAX_ATTEMPTS} attempts",
        f"its other deliveries wait {spell(delivery.INITIAL_PAUSE.total_seconds())} seconds",
        "older than a week when they are read" if timedelta(weeks=1) == MAX_EVENT_AGE else "",
        f"expires after {LINK_LIFETIME.days} days",
        f"shows {PAGE_SIZE} columns of a table at once",
    ],
    "docs/search.md": [
        *(
            f"| {share_:.0%} | {name}"
            for name, share_ in [
                ("popularity", WEIGHTS["popularity"]),
                ("completeness", WEIGHTS["completeness"]),
                ("the person's own domain", WEIGHTS["own_domain"]),
                ("quality", WEIGHTS["quality"]),
                ("promises", WEIGHTS["promise"]),
                ("freshness", WEIGHTS["freshness"]),
                ("reuse", WEIGHTS["lineage"]),
            ]
        ),
        f"A name counts {WEIGHTS['name']:g}, a description {WEIGHTS['words']:g}, a part {WEIGHTS['parts']:g}",
        f"Up to {ranking.MAX_FULLY_RANKED:,} products and {ranking.MAX_FULLY_RANKED:,} tables are ranked",
        f"fewer than {text_queries.FEW} documents have all words",
        f"about {text_queries.MAX_WIDENED:,} documents contain one",
        f"If up to {spelling.MAX_HITS} results match",
        f"Up to {spell(reasons.MAX_REASONS)} reasons",
        f"up to {spell(similar.MAX_SIMILAR)} others",
        f"Its {similar.MAX_WORDS} rarest words",
        f"the {alert_matches.MAX_MATCHES} products and the {alert_matches.MAX_MATCHES} tables",
    ],
    "docs/usage.md": [
        f"{query_history.KEPT_DAYS} days before its first reading",
        f"{query_history.MAX_QUERIES:,} queries at most",
    ],
}

IMPORTERS: Mapping[int, tuple[str, set[str]]] = {
    45: ("waitress", {"marketplace/http_server/connections.py", "marketplace/http_server/gunicorn_worker.py"}),
    49: ("standardwebhooks", {"requests_app/notifications/webhooks/signatures.py"}),
    51: (
        "cachetools",
        {
            "catalog/search/items.py", "catalog/search/result_cache.py", "portal/inbox/other_decisions.py", "portal/products/views.py",
            "requests_app/review/inbox/counts.py", "workers/aws/sessions.py",
        },
    ),
    52: (
        "tenacity",
        {"catalog/lineage/intake/actions.py", "catalog/quality/actions.py", "workers/aws/errors.py", "workers/engine/send.py"},
    ),
    80: ("pyarrow", {"portal/data_api/api/queries.py"}),
}  # fmt: skip
"""Decision → a library, and the modules of what ships that use it, each of which the decision names in words."""


def list_missing(page: str, claims: Sequence[str]) -> list[str]:
    text = re.sub(r"\s+", " ", read_page(ROOT / page))
    return [claim for claim in claims if not claim or claim not in text]


def test_pages_state_the_numbers_of_the_code() -> None:
    assert {page: missing for page in PAGES if (missing := list_missing(page, PAGES[page]))} == {}


def test_decisions_state_the_numbers_of_the_code() -> None:
    files = {
        int(file.name[:4]): str(file.relative_to(ROOT)) for file in (ROOT / "docs" / "adr").glob("0*.md")
    }
    assert {n: missing for n in DECISIONS if (missing := list_missing(files[n], DECISIONS[n]))} == {}


def test_the_sizes_of_chaos_are_those_of_its_parts() -> None:
    """Of the parts that count requests and kills: the first number, and the second where workers are killed."""
    (table,) = [
        block
        for block in read_page(ROOT / "docs" / "chaos.md").split("\n\n")
        if block.startswith("| Part | What")
    ]
    for line in table.splitlines()[2:]:
        part, _what, _counts, *sizes = [cell.strip() for cell in line.strip("|").split(" | ")]
        name = re.findall(r"\w+", part)[0]
        for cell, size in zip(sizes, (QUICK[name], USUAL[name], FULL[name]), strict=True):
            numbers = [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*\d|\d", cell)]
            assert numbers[0] == size.requests, line
            assert not size.kills or numbers[1] == size.kills, line


def test_what_handles_every_exception_is_what_decision_47_names() -> None:
    files = [file for file in list_files(*SHIPPED) if "noqa: BLE001" in file.read_text(encoding="utf-8")]
    (decision,) = (ROOT / "docs" / "adr").glob("0047-*.md")
    named = read_page(decision).split("handle\n  every exception")[0].split("**One runner")[1]
    assert {str(file.relative_to(ROOT)) for file in files} == set(re.findall(r"`(\w+/[\w/]+\.py)`", named))


def test_libraries_are_used_where_decisions_say() -> None:
    """If another module needs one, change the decision too."""
    sources = {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in list_files(*SHIPPED)}
    for number, (library, expected) in IMPORTERS.items():
        importing = re.compile(rf"^ *(?:from|import) {library}\b", re.MULTILINE)
        assert {name for name, text in sources.items() if importing.search(text)} == expected, (
            f"see decision {number}"
        )


def test_justifications_are_written_with_intents_alone() -> None:
    """Decision 28."""
    writing = re.compile(r"Justification\.objects\.(?:\w*create|update|filter\(.*\)\.(?:update|delete))")
    files = [file for file in list_files(*SHIPPED) if writing.search(file.read_text(encoding="utf-8"))]
    assert [str(file.relative_to(ROOT)) for file in files] == ["fulfilment/intents/actions.py"]


def list_first_words(page: str, first_head: str, cell: int = 0) -> set[str]:
    """The words in code marks, or else all words, of a column of the table that begins with this head."""
    (table,) = [part for part in read_page(ROOT / page).split("\n\n") if part.startswith(f"| {first_head} |")]
    cells = [line.strip("| ").split(" | ")[cell] for line in table.splitlines()[2:]]
    return {
        word for text in cells for word in CODE.findall(text) or re.sub(r"\]\(.*?\)|\[", "", text).split(", ")
    }


def test_tables_list_all_that_there_is() -> None:
    codes = {code for rule in RULES for code in rule.findings} | {UNREADABLE, "mocklake_loses_state"}
    assert list_first_words("docs/operations.md", "Code") == codes
    assert list_first_words("docs/mutants.md", "Area") == set(AREAS)
    assert list_first_words("docs/bench.md", "Subject") == set(SUBJECTS)
    assert list_first_words("docs/change-feed.md", "`kind`", 1) == set(ChangeAction)
    assert list_first_words("docs/mesh.md", "Section", 1) == set(REPORTS)
    assert list_first_words("docs/chaos.md", "Change") == {kind.name for kind in CHANGE_KINDS}
    assert list_first_words("docs/chaos.md", "Change", 1) == {str(kind.finding) for kind in CHANGE_KINDS}
    assert list_first_words("docs/chaos.md", "Part") == set(FULL)


def test_sentences_list_all_that_there_is() -> None:
    def list_named(page: str, begin: str, end: str) -> list[str]:
        return CODE.findall(read_page(ROOT / page).split(begin, 1)[1].split(end)[0])

    assert list_named("docs/products.md", "| `slaProperties` |", "|\n") == list(PROPERTIES)
    assert set(list_named("docs/data-api.md", "| `op` |", "|\n")) == set(Operator)
    outcomes = list_named("docs/operations.md", "calls to AWS; `outcome` is", "|\n")
    assert set(outcomes) == {"succeeded", "unanswered", *ErrorKind}
