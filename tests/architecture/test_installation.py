"""What a newcomer waits for first: the packages that `demo` installs before it starts, by number and bytes."""

from importlib.metadata import PackageNotFoundError, distribution

from demo.bootstrap import LATER_PACKAGES, REQUIRED_MEGABYTES, read_locked_packages

MAX_PACKAGES = 95
MAX_MEGABYTES = 335
"""On disk, without compiled code."""


def list_first_packages() -> list[str]:
    return [name for name in read_locked_packages("demo") if name not in LATER_PACKAGES["demo"]]


def measure_megabytes(name: str) -> float:
    """Of an installed package; 0 for one that this machine does not need."""
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return 0.0
    return sum(file.size or 0 for file in files) / 1_000_000


def test_the_demo_installs_no_more_packages_first_than_it_may() -> None:
    assert len(list_first_packages()) <= MAX_PACKAGES


def test_the_demo_installs_no_more_bytes_first_than_it_may() -> None:
    sizes = {name: measure_megabytes(name) for name in list_first_packages()}
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:10]
    assert 100 < sum(sizes.values()) <= MAX_MEGABYTES, largest


def test_the_space_that_is_asked_for_is_enough() -> None:
    assert REQUIRED_MEGABYTES["demo"] >= MAX_MEGABYTES
