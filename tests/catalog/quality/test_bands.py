"""The band of a measurement."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.quality.models import MeasureKind
from catalog.quality.writer import LAST_VALUES, MIN_VALUES, find_band

KINDS = st.sampled_from(MeasureKind)
COUNTS = st.floats(0, 1e9)
SERIES = st.lists(COUNTS, min_size=MIN_VALUES, max_size=40)
UNHURRIED = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


@UNHURRIED
@given(st.lists(COUNTS, max_size=MIN_VALUES - 1), KINDS)
def test_few_values_have_no_band(values: list[float], kind: MeasureKind) -> None:
    assert find_band(values, kind) is None


@UNHURRIED
@given(SERIES)
def test_the_band_holds_the_middle_of_the_last_values(values: list[float]) -> None:
    band = find_band(values, MeasureKind.ROWS)
    assert band is not None
    assert 0 <= band.low <= band.high
    last = sorted(values[-LAST_VALUES:])
    assert band.holds(last[len(last) // 2]) or band.holds(last[(len(last) - 1) // 2])


@UNHURRIED
@given(st.lists(st.floats(0, 1), min_size=MIN_VALUES))
def test_a_band_of_shares_lies_between_0_and_1(values: list[float]) -> None:
    band = find_band(values, MeasureKind.NULLS)
    assert band is not None
    assert 0 <= band.low <= band.high <= 1


@UNHURRIED
@given(SERIES, st.integers(0, 2**32))
def test_neither_order_nor_older_values_matter(values: list[float], seed: int) -> None:
    last = values[-LAST_VALUES:]
    turned = last[seed % len(last) :] + last[: seed % len(last)]
    assert find_band(turned, MeasureKind.ROWS) == find_band(values, MeasureKind.ROWS)


@UNHURRIED
@given(st.floats(1, 1e9), st.integers(MIN_VALUES, 40))
def test_a_constant_series_allows_a_small_change(value: float, length: int) -> None:
    band = find_band([value] * length, MeasureKind.ROWS)
    assert band is not None
    assert band.holds(value * 1.01)
    assert not band.holds(value * 1.5)


def test_one_outlier_does_not_widen_the_band() -> None:
    calm = [100.0, 101, 99, 102, 98, 100, 101, 100]
    band, with_outlier = find_band(calm, MeasureKind.ROWS), find_band([*calm, 100_000], MeasureKind.ROWS)
    assert band is not None
    assert with_outlier is not None
    assert with_outlier.high < 2 * band.high
