"""Numbers that pages and decisions state are those of the code.

Where one of them changes, change the sentence too, or the claim beside it here. What a measurement found is no claim of this kind.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from demo.bootstrap import ROOT
from tests.architecture.source import SHIPPED, get_module, list_files
from tests.architecture.test_sizes import LONG_FUNCTION, LONG_MODULE, MAX_FUNCTION, MAX_MODULE
from tests.docs.environment_variables import parse_documented_defaults
from tests.docs.pages import CODE, read_page
from tests.ledger.machine import INTERVAL_SECONDS, JUDGED_UP_TO


@cache
def read_sources(package: str) -> dict[str, str]:
    """Module → its text, of a package of the root."""
    return {get_module(file): file.read_text(encoding="utf-8") for file in list_files(package)}


class Package:
    """Constants and classes of a package by their names, wherever in it they are: modules are merged and moved."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        defined = re.compile(
            rf"^(?:class {name}\b|(?:\w+, )*{name}(?:, \w+)*(?:: [^=\n]+)? = )", re.MULTILINE
        )
        sources = read_sources(self._name.split(".")[0])
        found = [
            module
            for module, text in sources.items()
            if f"{module}.".startswith(f"{self._name}.") and defined.search(text)
        ]
        assert len(found) == 1, f"{name} of {self._name}: {found}"
        return getattr(import_module(found[0]), name)


TASK_FAILURES = Package("background.task_failures")
LINEAGE_GRAPH = Package("catalog.lineage.graph")
SCHEMA_COMPARISON = Package("catalog.mesh.schema_similarity")
QUALITY_FILES = Package("catalog.quality.formats")
RARE_TERMS = Package("catalog.search.plans.rare_term_plan")
SEARCH_INDEX = Package("catalog.search.index")
SEARCH_PLANS = Package("catalog.search.plans")
SIMILAR = Package("catalog.search.items")
SCANS = Package("workers.classification")
AUDIT = Package("audit")
BACKGROUND = Package("background")
CLASSIFICATION = Package("catalog.classification")
CRAWLERS = Package("catalog.crawler_runs")
LINEAGE = Package("catalog.lineage")
MESH = Package("catalog.mesh")
PRODUCT_FILES = Package("catalog.product_files")
QUALITY = Package("catalog.quality")
SEARCH = Package("catalog.search")
USAGE = Package("catalog.usage")
CHANGE_FEED = Package("catalog.change_feed")
DEMO = Package("demo.embedded")
FULFILMENT = Package("fulfilment")
IDENTITY = Package("identity")
KERNEL = Package("kernel")
LAKE_FORMATION = Package("lakeformation")
WEB = Package("marketplace")
API = Package("portal.api")
PAGES_OF_ALL = Package("portal.pages")
PRODUCT_PAGES = Package("portal.products")
QUALITY_PAGES = Package("portal.quality")
TAGS = Package("portal.templatetags")
MESH_PAGES = Package("portal.mesh")
BREAK_GLASS = Package("requests_app.break_glass")
DATA_QUERIES = Package("requests_app.data_queries")
DISPLAY_STATES = Package("requests_app.display_states")
GRANTS = Package("requests_app.grants")
REPORTS_OF_MESH = Package("requests_app.mesh")
NOTIFICATIONS = Package("requests_app.notifications")
POLICIES = Package("requests_app.policy_engine")
BULK = Package("requests_app.review.bulk")
DELEGATION = Package("requests_app.review.delegation")
CREDENTIALS = Package("requests_app.table_credentials")
TARGETS = Package("requests_app.targets")
CHAOS = Package("tools.chaos")
TOOLS = Package("tools")
MUTANTS = Package("tools.mutants")
WORKERS = Package("workers")
AWS = Package("workers.aws")
ENGINE = Package("workers.engine")
OUTBOX = Package("workers.outbox")
SYNC = Package("workers.sync")
ACCOUNTS = Package("workers.accounts")
DISPATCH = Package("workers.dispatch")
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


def list_claims_of_decisions() -> dict[int, Sequence[str]]:
    return {
        9: [f"count {SEARCH.SLIP} times their frequency"],
        11: [
            f"reads {get_default('MESHMARKET_READ_BURST')} pages at once, then {get_default('MESHMARKET_READS_PER_SECOND')} a second",
        ],
        13: [f"A claim that is {spell(count_minutes(BULK.CLAIM_DURATION))} minutes old"],
        14: [f"more than {TARGETS.MAX_TABLES} tables is refused"],
        18: [
            f"One table in {SEARCH_PLANS.SAMPLE},",
            f'"{SEARCH.RARE:,}+"',
            f"in at most {SEARCH.RARE:,} documents skips the sample",
            f"Above {SEARCH.MAX_FULLY_RANKED:,} products or tables",
            f"{SEARCH.MAX_CACHED_TABLES:,} tables, none with more than {SEARCH.MAX_CACHED_COLUMNS} columns",
            f"checked in {SEARCH_INDEX.SAMPLE} documents first",
        ],
        20: [f"at most {DELEGATION.MAX_DURATION.days} days"],
        21: [
            f"the maximum hours (at most {BREAK_GLASS.MAX_HOURS},",
            "within an hour" if timedelta(hours=1) == BREAK_GLASS.MAX_CONFIRMATION_DELAY else "",
        ],
        24: [f"in the last {GRANTS.USAGE_WINDOW.days} days"],
        25: [
            f"that more than {SEARCH.MIN_WORDS} words share",
            f"which {SEARCH.MAX_COMPARED} documents show; above {SEARCH.MAX_EXACT} documents",
        ],
        26: [f"{TAGS.CACHE_SIZE:,} fragments per process"],
        27: [f"More than {TARGETS.MAX_TABLES} tables cannot be requested at once"],
        30: [f"at most {spell(POLICIES.MAX_VARIABLE_REPEATS)} open-ended repetitions"],
        35: [
            f"in at most {SEARCH.RARE:,} documents",
            f"more than {SEARCH.MAX_HELD:,} documents use the general statement",
            f"Above {min(SEARCH.MAX_COUNTED, SEARCH.MAX_FULLY_RANKED):,} matches",
        ],
        37: [
            f"a lane of {8 * SEARCH.LANE} bits",
            f"of up to {SEARCH.MAX_COUNTED:,} documents",
            f"Above {min(SEARCH.MAX_COUNTED, SEARCH.MAX_FULLY_RANKED):,} matches",
            f"A process keeps {RARE_TERMS.MAX_CACHED:,} codes",
        ],
        39: [
            f"older than {spell(ENGINE.MAX_INVITATION_AGE.days)} days",
            f"older than {spell(ENGINE.MIN_INVITATION_AGE // timedelta(hours=1))} hours",
        ],
        42: ["For a week" if timedelta(days=7) == IDENTITY.BAR_PERIOD else ""],
        45: [
            f"its {get_default('MESHMARKET_CONNECTIONS_PER_ADDRESS')} connections at {WEB.Limits.bytes_per_second / 1024:g} KB/s",
            f"A streamed response above {WEB.Limits.unread_bytes / 1024**2:g} MB",
        ],
        46: [
            f"one of {spell(len(DISPLAY_STATES.State))} states",
            f"after {count_minutes(FULFILMENT.DETECTION_TARGET)} minutes",
        ],
        47: [
            f"The longest wait is {spell(FULFILMENT.REFUSAL_MAX_WAIT / 60)} minutes",
            f"the latest {AUDIT.RECENT_COUNT:,} links",
        ],
        48: [
            f"for {spell(API.CACHE_PAUSE)} seconds",
            "a quarter of a second" if WEB.SOCKET_TIMEOUT_SECONDS == 1 / 4 else "",
        ],
        50: [f"the latest {DEMO.MAX_MAILS}"],
    }


def list_claims_of_later_decisions() -> dict[int, Sequence[str]]:
    return {
        53: [
            f"{spell(IDENTITY.SIGN_IN_LIMIT.per_email)} attempts for an email and {spell(IDENTITY.SIGN_IN_LIMIT.per_address)} for an address",
            f"for {count_minutes(IDENTITY.SIGN_IN_LIMIT.period)} minutes",
        ],
        57: [
            f"A lease of {spell(BACKGROUND.DISPATCH_LEASE_SECONDS)} seconds",
            f"deleted after {spell(BACKGROUND.LOST_AFTER.total_seconds())} seconds",
            f"not been seen for {get_default('MESHMARKET_WORKER_TIMEOUT')} seconds",
            "a back-off of a minute at most" if TASK_FAILURES.MAX_WAIT == 60 else "",
        ],
        60: [f"A first sync writes {SYNC.BATCH_SIZE} tables a statement"],
        61: [
            f"If fewer than {SEARCH.FEW} documents have all of them",
            f"{SEARCH.MAX_FULLY_RANKED:,} products and {SEARCH.MAX_FULLY_RANKED:,} tables are ranked fully",
        ],
        68: [f"at most {KERNEL.MAX_DEPTH} levels and {PRODUCT_FILES.MAX_FILE_LENGTH:,} characters"],
        70: [
            f"on {CLASSIFICATION.MIN_REFERENCE_VALUES} sampled values or more of which at most {CLASSIFICATION.MAX_REFERENCE_VALUES} differ",
        ],
        72: [
            f"after {spell(CRAWLERS.MIN_PAUSE)} seconds at first",
            "a tenth of the run's age, a minute at most"
            if (CRAWLERS.PAUSES_PER_AGE, CRAWLERS.MAX_PAUSE) == (10, 60)
            else "",
        ],
        75: [
            f"more than {spell(count_minutes(LINEAGE.MAX_AHEAD))} minutes ahead",
            f"kept for the last {LINEAGE.MAX_KEYS:,}",
            f"the depth is limited to {spell(LINEAGE_GRAPH.MAX_DEPTH)}",
        ],
        77: [
            f"the last {QUALITY_PAGES.MAX_RUNS} results",
            f"{spell(QUALITY.DEVIATIONS)} times their median absolute deviation",
            f"half of the last {QUALITY.LAST_VALUES} values",
        ],
        81: [f"leaves its id for {USAGE.KEPT_EXECUTION_DAYS} days"],
        82: ["once a day" if timedelta(days=1) == MESH.COMPARED_EVERY else ""],
        86: [
            "beat looks once a second" if DISPATCH.IDLE_INTERVAL == 1 else "",
            "once a minute at most" if DISPATCH.SHORTEST_RETENTION == 60 else "",
        ],
        97: ["fewer than twenty in all" if count_contracts() < 20 else ""],
    }


BUDGETS = tomllib.loads((ROOT / "tests" / "ledger" / "budgets.toml").read_text(encoding="utf-8"))


def list_claims_of_pages() -> dict[str, Sequence[str]]:
    return {
        "CONTRIBUTING.md": [
            f"A function of more than {LONG_FUNCTION} lines or a module of more than {LONG_MODULE} is named",
            f"more than {MAX_FUNCTION} and {MAX_MODULE} are refused",
            f"modules of fewer than {TOOLS.SMALL_MODULE} lines",
            f"Every {INTERVAL_SECONDS:g} s it also measures",
            f"where that is above {JUDGED_UP_TO:g}",
            f"A file may take {BUDGETS['file']} s, all tests {BUDGETS['suite']:,}",
            f"beyond {BUDGETS['failing']:g} times as much it fails",
        ],
        "README.md": ["has done nothing for a minute" if DEMO.SILENCE_SECONDS == 60 else ""],
        "SECURITY.md": [
            (
                f"{spell(IDENTITY.SIGN_IN_LIMIT.per_email)} attempts for an email and {spell(IDENTITY.SIGN_IN_LIMIT.per_address)} from an address in "
                f"{spell(count_minutes(IDENTITY.SIGN_IN_LIMIT.period))} minutes"
            ),
            f"after {WEB.SESSION_COOKIE_AGE // 60} idle minutes, and after {WEB.LONGEST_SESSION // 3600} hours",
            "for a week" if timedelta(days=7) == IDENTITY.BAR_PERIOD else "",
        ],
        "docs/classification.md": [
            f"{SCANS.MAX_ATTEMPTS} times at most",
            f"{WORKERS.COLUMNS_PER_QUERY} columns a query",
            f"{CLASSIFICATION.MIN_SHARE_UNNAMED:.0%}".replace("%", " %")
            + " of the values must pass the check",
            "with it " + f"{CLASSIFICATION.MIN_SHARE_NAMED:.0%}".replace("%", " %"),
            f"{CLASSIFICATION.MIN_REFERENCE_VALUES} values or more, of which at most {CLASSIFICATION.MAX_REFERENCE_VALUES} differ",
        ],
        "docs/data-api.md": [
            f"reads up to {WEB.SAMPLE_ROWS} rows",
            f"up to {DATA_QUERIES.MAX_FILTERS}; all must hold",
            f"{DATA_QUERIES.DEFAULT_ROWS} if you send none",
            f"none for less than {CREDENTIALS.MIN_MINUTES} minutes",
        ],
        "docs/derived-products.md": [f"**Over many steps**, {spell(LINEAGE_GRAPH.MAX_DEPTH)} at most"],
        "docs/engine.md": [
            f"more than {spell(AWS.MAX_SINGLE_READS)} roles or users",
            f"at most {LAKE_FORMATION.MAX_BATCH_ENTRIES} entries",
            f"{ENGINE.INITIAL_WAIT:g} s, {ENGINE.MAX_WAIT:g} s, with jitter",
            f"{FULFILMENT.REFUSAL_INITIAL_WAIT:g} s, {FULFILMENT.REFUSAL_MAX_WAIT / 60:g} minutes, with jitter",
            f"a try every {ENGINE.OUTAGE_RETRY_SECONDS:g} s",
            f"After {spell(ENGINE.LONG_OUTAGE_SECONDS)} seconds",
        ],
        "docs/fuzz.md": [f"# {spell(TOOLS.EXAMPLES)} passes over all operations"],
        "docs/lineage.md": [
            f"a list of up to {LINEAGE.MAX_EVENTS:,}",
            f"more than {spell(count_minutes(LINEAGE.MAX_AHEAD))} minutes in the future",
        ],
    }


def list_claims_of_later_pages() -> dict[str, Sequence[str]]:
    return {
        "docs/mesh.md": [
            f"searches of the last {MESH.SHOWN_FOR.days} days",
            f"up to {spell(MESH.RARE)} schemas have",
            f"fewer than {spell(MESH.MIN_COLUMNS)} columns",
            f"at most {SCHEMA_COMPARISON.MAX_TABLES} tables of products",
            f"up to {spell(REPORTS_OF_MESH.MAX_PARTNERS)} such products",
            f"once {spell(MESH.MIN_PEOPLE)} people searched for it on one day",
            f"searched for {spell(MESH.MIN_SEARCHES)} times",
        ],
        "docs/mutants.md": [f"up to {MUTANTS.MAX_TESTS} tests"],
        "docs/operations.md": [
            f"`MESHMARKET_SCAN_EVERY` seconds ({get_default('MESHMARKET_SCAN_EVERY')})",
            f"expires after {IDENTITY.PROPOSAL_PERIOD.days} days",
            "none again within an hour" if timedelta(hours=1) == ACCOUNTS.TAGS_MAX_AGE else "",
            f"{spell(SYNC.MAX_VANISHED_WITHOUT_PAUSE)} tables always may",
            f"pages ({get_default('MESHMARKET_READ_BURST')})",
            f"`MESHMARKET_READS_PER_SECOND` ({get_default('MESHMARKET_READS_PER_SECOND')})",
            f"gone after {get_default('MESHMARKET_WORKER_TIMEOUT')} seconds",
            "waits for more than a minute is late" if timedelta(minutes=1) == BACKGROUND.MAX_AGE else "",
            f"reported for {spell(count_minutes(BACKGROUND.PROCESS_TIMEOUT))} minutes is degraded",
            f"is retried {spell(WORKERS.MAX_TRANSIENT_RETRIES)} times",
            f"was not verified for {spell(count_minutes(AUDIT.MAX_VERIFICATION_AGE))} minutes",
            f"the {AUDIT.RECENT_COUNT:,} before them",
            f"A slice has {AUDIT.SLICE_SIZE:,} links",
            f"at most {spell(FULFILMENT.REFUSAL_MAX_WAIT / 60)} minutes, with jitter",
            f"marks anything beyond {spell(count_minutes(FULFILMENT.DETECTION_TARGET))} minutes",
        ],
        "docs/products.md": [
            f"A page shows {PAGES_OF_ALL.PAGE_SIZE} columns at once",
            f"at least {PRODUCT_PAGES.MIN_SHOWN} of each table",
            f"a list of more than {PAGES_OF_ALL.PAGE_SIZE} columns shows the first {PAGES_OF_ALL.FIRST_COLUMNS}",
        ],
        "docs/quality.md": [
            f"at most {AWS.MAX_OBJECT_PAGES} pages of objects in a folder and {AWS.MAX_PARTITION_PAGES} pages of partitions",
            f"{QUALITY.MAX_REPORTS} datasets and {QUALITY_FILES.MAX_RULES:,} results",
            f"{spell(API.UNPACKED_FACTOR)} times as much when it is unpacked",
            f"the last {QUALITY.LAST_VALUES} than {spell(QUALITY.DEVIATIONS)} times",
            f"At least {spell(QUALITY.MIN_VALUES)} earlier values",
        ],
        "docs/requests.md": [
            f"gives up after {OUTBOX.MAX_ATTEMPTS} attempts",
            f"its other deliveries wait {spell(OUTBOX.INITIAL_PAUSE.total_seconds())} seconds",
            "older than a week when they are read"
            if timedelta(weeks=1) == NOTIFICATIONS.MAX_EVENT_AGE
            else "",
            f"expires after {NOTIFICATIONS.LINK_LIFETIME.days} days",
            f"shows {PAGES_OF_ALL.PAGE_SIZE} columns of a table at once",
        ],
        "docs/search.md": [
            *(
                f"| {share_:.0%} | {name}"
                for name, share_ in [
                    ("popularity", SEARCH.DEFAULTS["popularity"]),
                    ("completeness", SEARCH.DEFAULTS["completeness"]),
                    ("the person's own domain", SEARCH.DEFAULTS["own_domain"]),
                    ("quality", SEARCH.DEFAULTS["quality"]),
                    ("promises", SEARCH.DEFAULTS["promise"]),
                    ("freshness", SEARCH.DEFAULTS["freshness"]),
                    ("reuse", SEARCH.DEFAULTS["lineage"]),
                ]
            ),
            f"A name counts {SEARCH.DEFAULTS['name']:g}, a description {SEARCH.DEFAULTS['words']:g}, a part {SEARCH.DEFAULTS['parts']:g}",
            f"Up to {SEARCH.MAX_FULLY_RANKED:,} products and {SEARCH.MAX_FULLY_RANKED:,} tables are ranked",
            f"fewer than {SEARCH.FEW} documents have all words",
            f"about {SEARCH.MAX_WIDENED:,} documents contain one",
            f"If up to {SEARCH.MAX_HITS} results match",
            f"Up to {spell(SEARCH.MAX_REASONS)} reasons",
            f"up to {spell(SEARCH.MAX_SIMILAR)} others",
            f"Its {SIMILAR.MAX_WORDS} rarest words",
            f"the {SEARCH.MAX_MATCHES} products and the {SEARCH.MAX_MATCHES} tables",
        ],
        "docs/usage.md": [
            f"{WORKERS.KEPT_DAYS} days before its first reading",
            f"{WORKERS.MAX_QUERIES:,} queries at most",
        ],
    }


IMPORTERS: Mapping[int, tuple[str, set[str]]] = {
    45: ("waitress", {"marketplace/http_server"}),
    49: ("standardwebhooks", {"requests_app/notifications"}),
    51: (
        "cachetools",
        {"catalog/search", "portal/inbox", "portal/products", "requests_app/review", "workers/aws"},
    ),
    52: ("tenacity", {"catalog/lineage", "catalog/quality", "workers/aws", "workers/engine"}),
    80: ("pyarrow", {"portal/data_api"}),
}
"""Decision → a library, and the features of what ships that use it, as the decision says in words."""


def get_feature(file: Path) -> str:
    package, name, *_others = file.relative_to(ROOT).parts
    return f"{package}/{name.removesuffix('.py')}"


def list_missing(page: str, claims: Sequence[str]) -> list[str]:
    text = re.sub(r"\s+", " ", read_page(ROOT / page))
    return [claim for claim in claims if not claim or claim not in text]


def test_pages_state_the_numbers_of_the_code() -> None:
    assert {
        page: missing
        for page, claims in (list_claims_of_pages() | list_claims_of_later_pages()).items()
        if (missing := list_missing(page, claims))
    } == {}


def test_decisions_state_the_numbers_of_the_code() -> None:
    files = {
        int(file.name[:4]): str(file.relative_to(ROOT)) for file in (ROOT / "docs" / "adr").glob("0*.md")
    }
    assert {
        number: missing
        for number, claims in (list_claims_of_decisions() | list_claims_of_later_decisions()).items()
        if (missing := list_missing(files[number], claims))
    } == {}


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
        for cell, size in zip(sizes, (CHAOS.QUICK[name], CHAOS.USUAL[name], CHAOS.FULL[name]), strict=True):
            numbers = [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*\d|\d", cell)]
            assert numbers[0] == size.requests, line
            assert not size.kills or numbers[1] == size.kills, line


def test_what_handles_every_exception_is_what_decision_47_names() -> None:
    files = [file for file in list_files(*SHIPPED) if "noqa: BLE001" in file.read_text(encoding="utf-8")]
    (decision,) = (ROOT / "docs" / "adr").glob("0047-*.md")
    named = read_page(decision).split("handle\n  every exception")[0].split("**One runner")[1]
    assert {str(file.relative_to(ROOT)) for file in files} == set(re.findall(r"`(\w+/[\w/]+\.py)`", named))


def test_libraries_are_used_where_decisions_say() -> None:
    """If another feature needs one, change the decision too."""
    sources = {file: file.read_text(encoding="utf-8") for file in list_files(*SHIPPED)}
    for number, (library, expected) in IMPORTERS.items():
        importing = re.compile(rf"^ *(?:from|import) {library}\b", re.MULTILINE)
        found = {get_feature(file) for file, text in sources.items() if importing.search(text)}
        assert found == expected, f"see decision {number}"


def test_justifications_are_written_with_intents_alone() -> None:
    """Decision 28."""
    writing = re.compile(r"Justification\.objects\.(?:\w*create|update|filter\(.*\)\.(?:update|delete))")
    files = [file for file in list_files(*SHIPPED) if writing.search(file.read_text(encoding="utf-8"))]
    assert {get_feature(file) for file in files} == {"fulfilment/intents"}


def list_first_words(page: str, first_head: str, cell: int = 0) -> set[str]:
    """The words in code marks, or else all words, of a column of the table that begins with this head."""
    (table,) = [part for part in read_page(ROOT / page).split("\n\n") if part.startswith(f"| {first_head} |")]
    cells = [line.strip("| ").split(" | ")[cell] for line in table.splitlines()[2:]]
    return {
        word for text in cells for word in CODE.findall(text) or re.sub(r"\]\(.*?\)|\[", "", text).split(", ")
    }


def test_tables_list_all_that_there_is() -> None:
    codes = {code for rule in LAKE_FORMATION.RULES for code in rule.findings} | {
        LAKE_FORMATION.UNREADABLE,
        "mocklake_loses_state",
    }
    assert list_first_words("docs/operations.md", "Code") == codes
    assert list_first_words("docs/mutants.md", "Area") == set(MUTANTS.AREAS)
    assert list_first_words("docs/bench.md", "Subject") == set(TOOLS.SUBJECTS)
    assert list_first_words("docs/change-feed.md", "`kind`", 1) == set(CHANGE_FEED.ChangeAction)
    assert list_first_words("docs/mesh.md", "Section", 1) == set(MESH_PAGES.REPORTS)
    assert list_first_words("docs/chaos.md", "Change") == {kind.name for kind in CHAOS.CHANGE_KINDS}
    assert list_first_words("docs/chaos.md", "Change", 1) == {
        str(kind.finding) for kind in CHAOS.CHANGE_KINDS
    }
    assert list_first_words("docs/chaos.md", "Part") == set(CHAOS.FULL)


def test_sentences_list_all_that_there_is() -> None:
    def list_named(page: str, begin: str, end: str) -> list[str]:
        return CODE.findall(read_page(ROOT / page).split(begin, 1)[1].split(end)[0])

    assert list_named("docs/products.md", "| `slaProperties` |", "|\n") == list(PRODUCT_FILES.PROPERTIES)
    assert set(list_named("docs/data-api.md", "| `op` |", "|\n")) == set(DATA_QUERIES.Operator)
    outcomes = list_named("docs/operations.md", "calls to AWS; `outcome` is", "|\n")
    assert set(outcomes) == {"succeeded", "unanswered", *AWS.ErrorKind}
