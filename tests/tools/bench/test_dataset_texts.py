"""The dataset corpus of `bench search --relevance`: its judgements, and its parsers on small samples."""

import io
import re
import tarfile
import zipfile
from itertools import chain
from pathlib import Path

from tools.bench.search.relevance import datasets
from tools.bench.search.relevance.r_documentation import make_key, read_documentation, split_summary
from tools.bench.search.relevance.tensorflow_modules import read_modules
from tools.bench.search.relevance.texts import CorpusText, read_judgements

JUDGEMENTS = read_judgements(Path(datasets.__file__).with_name("datasets.toml"))
KEY = re.compile(r"(r|tfds)(-[a-z0-9]+)+")
LIST = '"Package","Item","Title"\n"farm","Geese","Weights of {geese}"\n"farm","Gone","No page"\n'
PAGE = """<html><body><table summary="page for Geese"><tr><td>Geese</td></tr></table>
<h2>Weights of geese</h2>
<h3>Description</h3> <p>Weights of 40 geese
&amp; ganders. Weighed weekly.</p>
<h3>Usage</h3> <pre>data(Geese)</pre>
<h3>Format</h3> <p>Each goose by week.</p>
<dl><dt>kg</dt><dd><p>weight, \\&amp; with <code>NA</code> for none</p></dd>
<dt>fed:</dt><dd><p>whether it was fed</p></dd></dl>
<h3>Source</h3> <p>A farm.</p>
<h3>References</h3> <p>A book.</p></body></html>"""
TABLE = "<h3>Format</h3><table><tr><td>[,1]</td> <td>Wind</td> <td>in knots</td></tr></table>"
MODULE = '''
_TEXT = """Bird Songs2 has recordings of birds at dawn, in forests."""
class BirdSongsConfig(Builder):
    def make(self): return Info(description="of a configuration, which is no dataset at all")
class BirdSongs2(Builder):
    def _info(self):
        return Info(description=_TEXT, features=features.FeaturesDict({"audio": Audio(), "bird": Label()}))
class Short(Builder):
    def _info(self): return Info(description="short")
'''
BUILDER = 'class Builder(B):\n    def _info(self): return tfds.features.FeaturesDict({"leaf": 1})\n'


def test_there_are_enough_judged_queries_and_none_twice() -> None:
    queries = [*JUDGEMENTS.used, *JUDGEMENTS.unused]
    assert len(queries) >= 120
    assert len(JUDGEMENTS.unused) >= 40
    assert len({query.text.lower() for query in queries}) == len(queries)


def test_each_query_has_an_answer_with_the_highest_grade_and_keys_are_well_formed() -> None:
    for query in chain(JUDGEMENTS.used, JUDGEMENTS.unused):
        assert max(query.grades.values()) == 3, query.text
        assert set(query.grades.values()) <= {1, 2, 3}, query.text
        assert all(KEY.fullmatch(key) for key in query.grades), query.text


def test_there_are_thirty_different_misspellings_that_are_not_queries() -> None:
    texts = {each.text for each in JUDGEMENTS.misspellings}
    assert len(texts) == len(JUDGEMENTS.misspellings) == 30
    assert all(KEY.fullmatch(each.key) for each in JUDGEMENTS.misspellings)
    assert not texts & {query.text for query in chain(JUDGEMENTS.used, JUDGEMENTS.unused)}


def test_requirements_name_one_version_and_its_hash() -> None:
    for line in datasets.REQUIREMENTS:
        assert re.fullmatch(r"[a-z-]+==[0-9.]+ --hash=sha256:[0-9a-f]{64}", line)


def test_a_help_page_becomes_a_text_without_usage_and_references() -> None:
    assert read_documentation(_list_geese(PAGE)) == [
        CorpusText(
            "r-farm-geese",
            "Geese: Weights of {geese}",
            "Weights of 40 geese & ganders.",
            "Weighed weekly.\n\nEach goose by week.\n\nA farm.",
            ("farm",),
            (("kg", "weight, & with NA for none"), ("fed", "whether it was fed")),
        )
    ]


def test_rows_of_a_table_are_columns_without_their_numbers() -> None:
    assert read_documentation(_list_geese(TABLE))[0].columns == (("Wind", "in knots"),)


def test_of_a_sentence_that_is_too_long_the_summary_is_the_beginning() -> None:
    text = "very " * 60 + "long. The end."
    summary, rest = split_summary(text)
    assert summary.endswith("very …")
    assert len(summary) <= 240
    assert rest == text
    assert split_summary("In short, this. And that.") == ("In short, this.", "And that.")


def test_keys_are_slugs() -> None:
    assert make_key("r", "HistData", "Langren.all") == "r-histdata-langren-all"


def test_a_class_with_a_description_of_its_own_becomes_a_text() -> None:
    files = {"audio/bird.py": MODULE, "audio/bird_test.py": MODULE, "core/bird.py": MODULE}
    assert read_modules(files) == [
        CorpusText(
            "tfds-bird-songs2",
            "Bird Songs2",
            "Bird Songs2 has recordings of birds at dawn, in forests.",
            "",
            (),
            (("audio", ""), ("bird", "")),
        )
    ]


def test_a_folder_with_a_readme_becomes_a_text_with_tags_as_keywords() -> None:
    place = "datasets/tree_leaves"
    files = {
        f"{place}/README.md": "# Leaves\nPictures of leaves. Taken in autumn.\n",
        f"{place}/TAGS.txt": "content.data-type.image # Images.\ncontent.language.en\nml.task.object-detection\n",
        f"{place}/tree_leaves_dataset_builder.py": BUILDER,
    }
    assert read_modules(files) == [
        CorpusText(
            "tfds-tree-leaves",
            "Tree Leaves",
            "Pictures of leaves.",
            "Taken in autumn.",
            ("image", "object detection"),
            (("leaf", ""),),
        )
    ]


def test_both_archives_are_read_as_pip_leaves_them_and_equal_texts_count_once(tmp_path: Path) -> None:
    pages = {
        "datasets.csv": LIST + '"farm","Ganders","The same page"\n',
        "doc/farm/Geese.html": PAGE,
        "doc/farm/Ganders.html": PAGE,
        "doc/farm/._Geese.html": "\x00",
    }
    inner = _pack({f"resources/rdata/{name}": text.encode() for name, text in pages.items()})
    (tmp_path / datasets.R_ARCHIVE).write_bytes(_pack({datasets.R_RESOURCES: inner}))
    with zipfile.ZipFile(tmp_path / datasets.TENSORFLOW_WHEEL, "w") as wheel:
        wheel.writestr("tensorflow_datasets/audio/bird.py", MODULE)

    assert [text.key for text in datasets.read_datasets(tmp_path)] == ["r-farm-geese", "tfds-bird-songs2"]


def _list_geese(page: str) -> dict[str, str]:
    return {"datasets.csv": LIST, "doc/farm/Geese.html": page}


def _pack(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return content.getvalue()
