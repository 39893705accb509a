"""What every test may use. Services come from `manage.py test`; a test asks for a database by `django_db`.

A database test runs as `meshmarket_web` in a transaction that is rolled back; `tests.database.as_role` changes
the role. A test that needs real commits, or a process of its own, asks for the fixture `committed` instead.
"""

import gc
import os
from collections.abc import Generator, Iterator

import hypothesis
import pytest
from django.conf import settings
from pytest_django import DjangoDbBlocker

from background.log_context import bind_log_context
from demo.embedded.throwaway_services import SERVER_VARIABLE
from tests.database import TestDatabase
from tests.ledger.plugin import watch_database
from tests.template import TemplateError

pytest_plugins = [
    "tests.demo_process",
    "tests.cloud_fixture",
    "tests.local_group_fixtures",
    "tests.page_marks",
    "tests.template_names",
]
GC_THRESHOLD = 20_000
"""Objects made before the garbage collector looks at them."""
DATABASE = pytest.StashKey[TestDatabase]()
EXAMPLES, ALL_EXAMPLES = 50, 200
"""What hypothesis tries of each property, and with `--all`; a test that needs another number says so."""
NO_SERVICES = "No database for this test: run it by python3 manage.py test [pytest arguments]."


def pytest_configure(config: pytest.Config) -> None:
    is_ordinary = config.option.markexpr == "not all"
    hypothesis.settings.register_profile(
        "meshmarket", deadline=None, max_examples=EXAMPLES if is_ordinary else ALL_EXAMPLES
    )
    hypothesis.settings.load_profile("meshmarket")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuses the mark whose clean-up needs TRUNCATE, which no role but the owner has; the gate goes first."""
    for item in items:
        mark = item.get_closest_marker("django_db")
        if mark and mark.kwargs.get("transaction"):
            raise pytest.UsageError(f"{item.nodeid}: use the fixture `committed`, not transaction=True")
    items.sort(key=lambda item: "tests/gate/" not in item.nodeid)


def pytest_collection_finish() -> None:
    """Modules and tests stay to the end: to look at all of them again and again took a twentieth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)


def pytest_unconfigure() -> None:
    """Otherwise no module would be let go at the end, and DuckDB would name each of its functions as leaked."""
    gc.unfreeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where a browser is demanded, a browser test that was skipped has failed."""
    report = yield
    if report.skipped and item.get_closest_marker("browser") and os.environ.get("MESHMARKET_REQUIRE_BROWSER"):
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} was skipped, but MESHMARKET_REQUIRE_BROWSER is set: {report.longrepr}"
        )
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    with bind_log_context():  # what a test adds does not reach the next
        done = yield
    if database := item.config.stash.get(DATABASE, None):
        database.vacuum_when_due()
    return done


@pytest.fixture(autouse=True)
def longer_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with much to do may stand still for more than the second that a short transaction has."""
    monkeypatch.setattr(settings, "SHORT_TRANSACTION", 4.0)


@pytest.fixture(scope="session")
def own_database(
    worker_id: str, django_db_blocker: DjangoDbBlocker, pytestconfig: pytest.Config
) -> Iterator[TestDatabase]:
    """This process's own clone of the migrated template."""
    if SERVER_VARIABLE not in os.environ:
        pytest.fail(NO_SERVICES, pytrace=False)
    database = TestDatabase(f"meshmarket_{worker_id}")
    try:
        database.create()
    except TemplateError as error:
        pytest.fail(str(error), pytrace=False)
    pytestconfig.stash[DATABASE] = database
    watch_database(pytestconfig, database.name)
    yield database
    del pytestconfig.stash[DATABASE]
    with django_db_blocker.unblock():
        database.drop()


@pytest.fixture(scope="session")
def django_db_setup(own_database: TestDatabase) -> None:
    """Instead of pytest-django's own: the clone is there already."""


@pytest.fixture
def committed(own_database: TestDatabase, django_db_blocker: DjangoDbBlocker) -> Iterator[TestDatabase]:
    """A database in which commits are real; afterwards it is as new."""
    with django_db_blocker.unblock():
        yield own_database
        own_database.reset()
