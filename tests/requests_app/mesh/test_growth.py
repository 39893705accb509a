"""Growth by month. Pure."""

from datetime import UTC, datetime

from requests_app.mesh.growth import compute_growth

MONTHS = tuple(datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))


def test_products_count_from_their_publication_to_their_retirement() -> None:
    before, january = datetime(2025, 6, 1, tzinfo=UTC), datetime(2026, 1, 15, tzinfo=UTC)
    march = datetime(2026, 3, 5, tzinfo=UTC)
    found = compute_growth([(before, None), (january, march), (march, None), (None, None)], MONTHS)
    assert found.existing == (2, 2, 2)
    assert found.published == (1, 0, 1)
    assert found.undated == 1
