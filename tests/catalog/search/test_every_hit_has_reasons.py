"""Whatever the search finds by its words, it says why: on documents and searches that are generated."""

import random
from urllib.parse import urlencode

import pytest

from catalog.mirror.models import Column, Database, Table
from catalog.products.models import DataProduct, Domain
from catalog.search.results import Hit
from tests.catalog.glossary.test_glossary import make_term
from tests.catalog.sample_catalog import SampleCatalog, make_sample_catalog, reindex, search_as_ana

pytestmark = pytest.mark.django_db
LETTERS = "abdeginorstu"
STEMS = (
    "claim",
    "polic",
    "dr",
    "flatt",
    "runn",
    "stud",
    "Zürich",
    "größ",
    "naïv",
    "Ελλάδ",
    "Straß",
    "cote",
    "landsat",
    "x",
)
ENDINGS = ("", "s", "y", "ies", "ing", "ed", "er", "8", "ization", "e")
SEARCHES = 40


def make_word(lots: random.Random) -> str:
    if lots.random() < 0.7:
        return lots.choice(STEMS) + lots.choice(ENDINGS)
    return "".join(lots.choice(LETTERS) for _ in range(lots.randint(1, 9))) + lots.choice(
        ("", "", "7", "2024")
    )


def make_identifier(lots: random.Random) -> str:
    parts = [make_word(lots) for _ in range(lots.randint(1, 4))]
    return lots.choice(("_".join(parts), "".join(part.capitalize() for part in parts), "-".join(parts)))


def make_text(lots: random.Random, least: int = 0, most: int = 12) -> str:
    signs = (" ", " ", " ", ", ", ". ", "\n", " **", "** ", " `", "_", "/", ".", "-", " <b>", "</b> ", " & ")
    made = [lots.choice((make_word, make_identifier))(lots) for _ in range(lots.randint(least, most))]
    return "".join(word + lots.choice(signs) for word in made)


def fill(shelf: SampleCatalog, lots: random.Random) -> None:
    for product in DataProduct.objects.all():
        DataProduct.objects.filter(pk=product.pk).update(
            name=make_text(lots, 1, 3)[:160], summary=make_text(lots)[:240],
            description=make_text(lots, 0, lots.choice((10, 1_500))),
            keywords=[make_identifier(lots)[:60] for _ in range(3)],
        )  # fmt: skip
    Domain.objects.filter(pk=shelf.insurance.pk).update(name=make_text(lots, 1, 2)[:60])
    for number, table in enumerate(Table.objects.all()):
        Database.objects.filter(pk=table.database_id).update(name=f"{make_identifier(lots)[:80]}{number}")
        Table.objects.filter(pk=table.pk).update(
            name=f"{make_identifier(lots)[:80]}{number}",
            description=make_text(lots, 0, lots.choice((10, 600))), owner=make_text(lots, 0, 2)[:80],
        )  # fmt: skip
        table.columns.all().delete()
        Column.objects.bulk_create(
            Column(
                table=table, position=at, name=f"{make_identifier(lots)[:200]}{at}",
                comment=make_text(lots, 0, 600 if at == 2 else 5), type=make_type(lots),
            )
            for at in range(lots.choice((3, 120)))
        )  # fmt: skip
    reindex()


def make_type(lots: random.Random) -> str:
    fields = [f"{make_identifier(lots)}:string" for _ in range(lots.choice((1, 1, 1, 1, 1, 1, 500)))]
    return f"struct<{','.join(fields)}>" if lots.random() < 0.2 else "string"


def pick_search(lots: random.Random, texts: list[str]) -> str:
    """Words of the texts, joined identifiers and beginnings."""
    words = lots.choice(texts).replace("<b>", " ").replace("</b>", " ").replace("*", " ").split() or ["x"]
    at = lots.randrange(len(words))
    some = words[at : at + lots.choice((1, 1, 2, 3))]
    some[-1] = some[-1][: lots.choice((3, 5, 99))]
    text = " ".join(some).replace('"', " ").lstrip("-")
    return lots.choice((text, text.replace("_", ""), text.replace("_", " "), text.upper(), text.lower()))


def says_why(hit: Hit) -> bool:
    texts = [(hit.name, hit.name_spans), (hit.shown_summary, hit.summary_spans)]
    texts += [(one.text, one.spans) for one in hit.reasons]
    for text, spans in texts:
        ends = [at for span in spans for at in span]
        assert ends == sorted(ends)
        assert all(0 <= start < end <= len(text) for start, end in spans)
    return bool(hit.reasons)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.all) for seed in range(1, 5))])
def test_every_hit_says_why(seed: int) -> None:
    lots = random.Random(seed)
    shelf = make_sample_catalog()
    fill(shelf, lots)
    texts = [
        text for row in DataProduct.objects.values_list("name", "summary", "description") for text in row
    ]
    texts += [
        text
        for row in Table.objects.values_list("name", "description", "owner", "database__name")
        for text in row
    ]
    texts += [text for row in Column.objects.values_list("name", "comment", "type") for text in row]
    make_term(shelf, "Footfall", [make_identifier(lots) for _ in range(3)])
    searches = ["footfall", *(pick_search(lots, texts) for _ in range(SEARCHES))]
    found = [(text, hit) for text in searches for hit in search_as_ana(shelf, urlencode({"q": text})).hits]
    silent = [(text, hit.name) for text, hit in found if not says_why(hit)]

    assert len(found) > SEARCHES // 2
    assert silent == []
