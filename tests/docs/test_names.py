"""Names that pages state in code marks are names of the project, or of what it uses."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

from django.apps import apps
from django.core.management import get_commands

from demo.bootstrap import ROOT
from demo.urls import urlpatterns
from tests.architecture.source import PACKAGES
from tests.architecture.test_hygiene import texts
from tests.docs.generated import list_addresses
from tests.docs.pages import CODE, PAGES, read_page, read_prose

ELSEWHERE = {
    "AWS_ENDPOINT_URL_SQS": "boto3",
    "CursorPagination": "REST framework",
    "LocaleMiddleware": "Django",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "OpenTelemetry",
    "OTEL_EXPORTER_OTLP_HEADERS": "OpenTelemetry",
    "OTEL_RESOURCE_ATTRIBUTES": "OpenTelemetry",
    "OTEL_TRACES_SAMPLER": "OpenTelemetry",
    "RunPython": "Django",
    "TagRole": "AWS IAM",
    "TagUser": "AWS IAM",
    "consumer_timeout": "RabbitMQ",
    "pg_basebackup": "PostgreSQL",
    "pg_current_snapshot": "PostgreSQL",
    "pg_trgm": "PostgreSQL",
    "s3_data_naming": "dbt",
    "schema_table": "dbt",
    "text_pattern_ops": "PostgreSQL",
}
"""Name → whose it is. Only names that the project itself does not contain."""
EXAMPLES = {"CreditCardID", "cD1hYmM"}
LIVING = [
    page
    for page in PAGES
    if page.name != "CHANGELOG.md" and not re.search(r"^Superseded by ", read_page(page), re.MULTILINE)
]
"""What a superseded decision says need not hold any more, and the changelog is of all versions."""
IDENTIFIER = re.compile(r"\w*(?:[a-z0-9]_[a-zA-Z0-9]|[a-z][A-Z]|[A-Z]_[A-Z])\w*")
DOTTED = re.compile(rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)+")
COMMAND = re.compile(r"manage\.py (\w+)")
CHECK_ID = re.compile(r"\w+\.[EW]\d{3}")
WITH_STAR = re.compile(r"\w*\*\w*")
FILES = (".py", ".sql", ".toml")
ITALIC = re.compile(r"(?<![\w*])\*([A-Z][^*\n]{2,60}?)[.…]?\*(?!\*)")
BOLD = re.compile(r"\*\*.*?\*\*", re.DOTALL)
NOT_SHOWN = {
    "Amended by": "docs/adr",
    "Superseded by": "docs/adr",
    "Report a vulnerability": "GitHub",
    "With an AWS of your own:": "docs/first-mesh.md",
}
ADDRESS = re.compile(r"(?:^|(?:GET|POST|PUT|PATCH|DELETE) )(/[\w/:<>{}.-]+)", re.MULTILINE)
PART = re.compile(r"<[^>]*>|:\w+|\{\w+\}|\b\d+\b")
NO_ADDRESSES = {"/tmp", "/aws-glue/crawlers", "/_mocklake/", "/api/v1/"}  # noqa: S108 - named, not used
"""A folder, a log group of AWS, what the pretend AWS answers, and where the API begins."""


@cache
def list_own_words() -> frozenset[str]:
    """All words of code, SQL, templates and settings, and the names of files; pages and this file apart."""
    here = str(Path(__file__).relative_to(ROOT))
    words: set[str] = set()
    for name, text in texts().items():
        words.update(re.findall(r"\w+", name))
        if not name.endswith(".md") and name != here:
            words.update(re.findall(r"\w+", text))
    return frozenset(words)


def is_own(word: str) -> bool:
    """Counters get `_total` from Prometheus's client, and custom properties of product files begin with `meshmarket`. A service level
    is written in camel case.
    """
    own = list_own_words()
    snake = re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", word)
    return bool(own & {word, word.removesuffix("_total"), word.removeprefix("meshmarket"), snake})


def list_names(page: Path) -> Iterator[str]:
    for code in CODE.findall(read_prose(page)):
        if "://" not in code:
            yield from IDENTIFIER.findall(WITH_STAR.sub("", code))


def list_wrong(find: Callable[[Path], Iterable[str]]) -> dict[str, list[str]]:
    """What is found on each page, of those on which there is something."""
    return {str(page.relative_to(ROOT)): wrong for page in LIVING if (wrong := sorted(set(find(page))))}


def test_names_in_code_marks_are_there() -> None:
    """A name of something that is not ours belongs into ELSEWHERE."""
    assert list_wrong(list_unknown_names) == {}


def list_unknown_names(page: Path) -> Iterator[str]:
    for name in list_names(page):
        if name not in ELSEWHERE and name not in EXAMPLES and not is_own(name):
            yield name


def test_names_of_others_are_not_ours_and_still_stated() -> None:
    stated = {name for page in LIVING for name in list_names(page)}
    assert [name for name in ELSEWHERE if name not in stated or is_own(name)] == []


def test_dotted_names_lead_to_a_module_and_what_it_holds() -> None:
    assert list_wrong(list_lost_paths) == {}


def list_lost_paths(page: Path) -> Iterator[str]:
    for code in CODE.findall(read_prose(page)):
        if DOTTED.fullmatch(code) and not code.endswith(FILES) and not CHECK_ID.fullmatch(code):
            parts = code.split(".")
            modules = [(end, find_module(parts[:end])) for end in range(len(parts), 0, -1)]
            end, module = next((end, module) for end, module in modules if module)
            if not set(parts[end:]) <= set(re.findall(r"\w+", module.read_text(encoding="utf-8"))):
                yield code


def find_module(parts: list[str]) -> Path | None:
    place = ROOT.joinpath(*parts)
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()), None)


def test_commands_exist() -> None:
    assert list_wrong(lambda page: set(COMMAND.findall(read_page(page))) - set(get_commands())) == {}


def test_a_decision_that_was_superseded_says_so_everywhere() -> None:
    """In its status, in the index, and in the status of its successor."""
    decisions = {
        page.name: read_page(page) for page in PAGES if page.parent.name == "adr" and page.name != "README.md"
    }
    successors = {
        name: found[1]
        for name, text in decisions.items()
        if (found := re.search(r"^Superseded by \[ADR \d+\]\((.+?)\)", text, re.MULTILINE))
    }
    index = read_page(ROOT / "docs" / "adr" / "README.md")
    assert set(re.findall(r"\((\d{4}-[\w-]+\.md)\) \(superseded\)", index)) == set(successors)
    assert [
        name for name, by in successors.items() if f"]({name})" not in decisions[by].split("## Context")[0]
    ] == []


def test_links_to_decisions_state_their_number() -> None:
    assert list_wrong(list_wrong_numbers) == {}


def list_wrong_numbers(page: Path) -> Iterator[str]:
    for stated, linked in re.findall(r"\[ADR\s+(\d+)\]\((?:\S*/)?0*(\d+)-", read_page(page)):
        if stated != linked:
            yield f"ADR {stated} leads to {linked}"


def test_names_of_pages_and_buttons_are_shown() -> None:
    """In italics, with a capital. Decisions also use italics for what was called so once."""
    assert list_wrong(list_names_not_shown) == {}


def list_names_not_shown(page: Path) -> Iterator[str]:
    if page.parent.name != "adr":
        for name in ITALIC.findall(BOLD.sub("", read_prose(page))):
            if name.lower() not in read_shown_texts() and name not in NOT_SHOWN:
                yield name


@cache
def read_shown_texts() -> str:
    """What people may be shown, in lower case: texts of code and templates, and the names of models in the administration."""
    found = [
        text
        for name, text in texts().items()
        if name.endswith((".py", ".html", ".js")) and not name.startswith(("docs/", "tests/", "mocklake/"))
    ]
    for model in apps.get_models():
        found += [str(model._meta.verbose_name), str(model._meta.verbose_name_plural)]
    return " ".join(" ".join(found).lower().split())


def test_addresses_lead_to_a_page_or_an_endpoint() -> None:
    assert list_wrong(list_unknown_addresses) == {}


def list_unknown_addresses(page: Path) -> Iterator[str]:
    """An address may be the end of one, as in "`/problems/{id}/acknowledge`, `/resolve`"."""
    for address in ADDRESS.findall("\n".join(CODE.findall(read_prose(page)))):
        stated = PART.sub("*", address).rstrip("/")
        is_known = compile_addresses().fullmatch(stated) or any(
            known.endswith(stated) for known in list_known_addresses()
        )
        if address not in NO_ADDRESSES and not is_known:
            yield address


@cache
def list_known_addresses() -> frozenset[str]:
    addresses = (f"/{address}" for address, _name in list_addresses(urlpatterns))
    return frozenset(PART.sub("*", address).rstrip("/") for address in addresses)


@cache
def compile_addresses() -> re.Pattern[str]:
    return re.compile("|".join(re.escape(known).replace(r"\*", "[^/]+") for known in list_known_addresses()))
