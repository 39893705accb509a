"""Documents that say the same have the same code; what codes stand for is read once for each."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.search.index.models import Document
from catalog.search.index.vocabulary import count_words
from catalog.search.plans import rare_term_plan
from catalog.search.plans.matches import Matches
from catalog.search.plans.rare_term_plan import CodedDocuments, FacetCodes
from tests.catalog.sample_catalog import SampleCatalog, find_matches, make_sample_catalog

pytestmark = pytest.mark.django_db
CODES = "SELECT facet_code, tag_code FROM catalog_document WHERE id = %s"


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> SampleCatalog:
    monkeypatch.setattr(rare_term_plan, "_cached", FacetCodes())
    shelf = make_sample_catalog()
    count_words()
    return shelf


def codes_by(shelf: SampleCatalog, **altered: object) -> tuple[int, int]:
    """Of the table that is in no product, after this."""
    Document.objects.filter(pk=shelf.unlisted_table.pk).update(**altered)
    with connection.cursor() as cursor:
        cursor.execute(CODES, [shelf.unlisted_table.pk])
        said, tags = cursor.fetchone()
        return said, tags


def found(shelf: SampleCatalog, text: str = "claim history") -> Matches:
    return find_matches(shelf, f"q={text}")


def queries_of(shelf: SampleCatalog) -> int:
    with CaptureQueriesContext(connection) as captured:
        found(shelf)
    return len(captured)


@pytest.mark.parametrize(
    "altered",
    [
        {"kind": "view"}, {"domain": None}, {"account": None}, {"tier": "bronze"}, {"region": []}, {"is_empty": True},
        {"region": ["eu-west-1", "eu-north-1"]}, {"format": ["orc"]}, {"classification": ["private"]},
    ],
)  # fmt: skip
def test_what_says_something_else_has_another_code(shelf: SampleCatalog, altered: dict[str, object]) -> None:
    said, tags = codes_by(shelf)
    other, same = codes_by(shelf, **altered)

    assert (other == said, same == tags) == (False, True)


def test_other_tags_are_another_code_of_tags_alone(shelf: SampleCatalog) -> None:
    said, tags = codes_by(shelf)
    same, other = codes_by(shelf, tag=["line=retail"])

    assert (same == said, other == tags) == (True, False)


def test_no_region_and_no_format_are_told_apart(shelf: SampleCatalog) -> None:
    assert codes_by(shelf, region=["x"], format=[]) != codes_by(shelf, region=[], format=["x"])


def test_what_a_name_or_an_age_is_alters_no_code(shelf: SampleCatalog) -> None:
    assert codes_by(shelf) == codes_by(shelf, name="other", fresh="2026-01-01", teams=4)


def test_codes_are_read_when_they_are_met_first(shelf: SampleCatalog) -> None:
    """And beside them, once, what the person may read."""
    assert [queries_of(shelf) for _ in range(3)] == [4, 1, 1]


def test_a_facet_that_alters_is_counted_anew(shelf: SampleCatalog) -> None:
    found(shelf, "claimhistory")
    Document.objects.filter(pk=shelf.unlisted_table.pk).update(format=["orc"], tag=["line=retail"])

    said = {(facet, value) for facet, value, _, _ in found(shelf, "claimhistory").counts}
    assert said >= {("format", "orc"), ("tag", "line=retail")}


def test_codes_are_begun_anew_when_they_are_too_many(
    shelf: SampleCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = found(shelf)
    known = rare_term_plan._cached
    monkeypatch.setattr(rare_term_plan, "MAX_CACHED", 0)
    Document.objects.filter(pk=shelf.unlisted_table.pk).update(format=["orc"])
    after = found(shelf)

    assert rare_term_plan._cached is not known
    assert after.rows == before.rows


def test_values_are_counted_apart_up_to_the_most_that_may_be_counted() -> None:
    """Each in a lane of its own, that none is carried over from."""
    known = FacetCodes()
    for code, formats in ((1, ["orc"]), (2, ["orc", "csv"])):
        values = {"type": ["table"], "format": formats}
        lists = [values.get(facet.name, []) for facet in rare_term_plan._CODED]
        known._add(code, code, None, None, False, [], [f"line={code}"], *lists)

    many = [1] * (rare_term_plan.MAX_COUNTED - 1) + [2]
    counts = dict(known.count(CodedDocuments(range(len(many)), many, many)) or ())

    assert counts["format", "orc", ""] == counts["type", "table", ""] == rare_term_plan.MAX_COUNTED
    assert (counts["format", "csv", ""], counts["tag", "line=2", ""]) == (1, 1)
    assert counts["tag", "line=1", ""] == rare_term_plan.MAX_COUNTED - 1


def test_more_than_may_be_counted_goes_the_long_way(
    shelf: SampleCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = found(shelf)
    monkeypatch.setattr(rare_term_plan, "MAX_COUNTED", 1)
    long = found(shelf)

    assert (long.rows, sorted(long.counts)) == (expected.rows, sorted(expected.counts))


def test_what_is_altered_while_its_code_is_read_is_not_counted(shelf: SampleCatalog) -> None:
    said, tags = codes_by(shelf)
    asked = CodedDocuments([shelf.unlisted_table.pk], [said + 1], [tags])

    assert rare_term_plan.count_by_codes(asked)[1] is None


def test_a_search_goes_the_long_way_past_what_was_altered(
    shelf: SampleCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = found(shelf)
    monkeypatch.setattr(FacetCodes, "count", lambda self, asked: None)
    long = found(shelf)

    assert (long.rows, sorted(long.counts)) == (expected.rows, sorted(expected.counts))
