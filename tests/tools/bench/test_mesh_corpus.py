"""The made-up mesh as a corpus of the relevance bench, and the topics judged on it."""

from pathlib import Path

from tools.bench.report import at_least
from tools.bench.search.relevance import mesh
from tools.bench.search.relevance.mesh import read_mesh
from tools.bench.search.relevance.scores import choose_bound
from tools.bench.search.relevance.texts import read_judgements

JUDGEMENTS = read_judgements(Path(mesh.__file__).with_suffix(".toml"))
GRADES = {1, 2, 3}


def test_at_least_40_topics_of_several_words_are_judged() -> None:
    queries = [*JUDGEMENTS.used, *JUDGEMENTS.unused]
    keys = {text.key for text in read_mesh(Path())}

    assert len({query.text for query in queries}) == len(queries)
    assert sum(len(query.text.split()) > 1 for query in queries) >= 40
    assert all(set(query.grades.values()) <= GRADES for query in queries)
    assert {key for query in queries for key in query.grades} <= keys
    assert {each.key for each in JUDGEMENTS.misspellings} <= keys


def test_some_texts_are_long_and_no_answer_to_any_topic() -> None:
    answers = {key for query in (*JUDGEMENTS.used, *JUDGEMENTS.unused) for key in query.grades}
    lengths = {text.key: len(text.description.split()) for text in read_mesh(Path())}

    assert sum(length > 100 for key, length in lengths.items() if key not in answers) >= 4


def test_its_limit_leaves_out_the_lead_over_the_peer() -> None:
    assert str(choose_bound("mesh", "NDCG@10", 0.95)) == str(at_least(0.95 - 0.02))
    assert str(choose_bound("schemas", "NDCG@10", 0.7)) == str(at_least(0.7 + 0.04))
