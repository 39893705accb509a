"""The `lake` fixture: a simulated AWS of its own for each test, within the test's process.

    @pytest.mark.lake(seed="tests/mesh.yaml", switches={"merge_column_rows": False})
    def test_grant(lake):
        lake.act_as("100000000001", "lake-admin")
        share_orders()                                   # your code, with its own boto3 clients
            assert lake.can_read("arn:aws:iam::100000000002:role/analyst", "sales.orders.id", catalog="100000000001")

Without a mark the seed is the ini option `mocklake_seed`, or one empty account, 111111111111.
"""

from collections.abc import Iterator

import pytest

from mocklake.testing.lake import Lake

OPTIONS = ("seed", "switches", "manners")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("mocklake_seed", "seed of the `lake` fixture: example, a YAML file or a module", default="")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "lake(seed='', switches={}, manners=''): how the test's simulated AWS begins (mocklake)"
    )


@pytest.fixture
def lake(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    """A simulated AWS at its seed's state; ends with the test."""
    mark = request.node.get_closest_marker("lake")
    options = dict(mark.kwargs) if mark else {}
    unknown = sorted(options.keys() - set(OPTIONS))
    if unknown or (mark and mark.args):
        raise pytest.UsageError(f"the mark `lake` takes {', '.join(OPTIONS)} by name")
    seed = options.get("seed") or request.config.getini("mocklake_seed")
    with Lake(str(seed), manners=options.get("manners", ""), environ=monkeypatch) as made:
        if options.get("switches"):
            made.set_switches(**options["switches"])
        yield made
