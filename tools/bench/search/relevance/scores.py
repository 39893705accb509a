"""What each engine reaches on the judged queries of a corpus."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from tools.bench.search.relevance.metrics import compute_ndcg, compute_recall
from tools.bench.search.relevance.texts import JudgedQuery, Judgements, Misspelling

OURS, PEER = "meshmarket", "tantivy"
FoundKeys = dict[str, list[list[str]]]
"""By engine, for each query the keys of its first hits."""


@dataclass(frozen=True)
class AnsweredQuery:
    """`found`: by engine, the keys of the first ten hits."""

    query: JudgedQuery
    found: dict[str, list[str]]

    def get_ndcg(self, engine: str) -> float:
        return compute_ndcg(self.found[engine], self.query.grades)

    def compare(self) -> float:
        """By how much the order of ours is better than the peer's."""
        return self.get_ndcg(OURS) - self.get_ndcg(PEER)


@dataclass(frozen=True)
class AnsweredMisspelling:
    misspelling: Misspelling
    found: dict[str, list[str]]

    def is_found(self, engine: str) -> bool:
        return self.misspelling.key in self.found[engine]


@dataclass(frozen=True)
class CorpusAnswers:
    used: tuple[AnsweredQuery, ...]
    unused: tuple[AnsweredQuery, ...]
    misspellings: tuple[AnsweredMisspelling, ...]

    def list_judged_keys(self) -> set[str]:
        keys = {key for answer in (*self.used, *self.unused) for key in answer.query.grades}
        return keys | {each.misspelling.key for each in self.misspellings}


def pair_answers(judgements: Judgements, found: FoundKeys) -> CorpusAnswers:
    """With what was found for the texts of the judgements, in their order."""
    answers = iter([dict(zip(found, keys, strict=True)) for keys in zip(*found.values(), strict=True)])
    return CorpusAnswers(
        tuple(AnsweredQuery(query, next(answers)) for query in judgements.used),
        tuple(AnsweredQuery(query, next(answers)) for query in judgements.unused),
        tuple(AnsweredMisspelling(each, next(answers)) for each in judgements.misspellings),
    )


def compute_mean_ndcg(answers: Sequence[AnsweredQuery], engine: str) -> float:
    return mean(answer.get_ndcg(engine) for answer in answers)


def compute_mean_recall(answers: Sequence[AnsweredQuery], engine: str) -> float:
    """Of the queries that have a relevant text."""
    shares = [compute_recall(answer.found[engine], answer.query.grades) for answer in answers]
    return mean(share for share in shares if share is not None)


def count_empty(answers: Sequence[AnsweredQuery], engine: str) -> int:
    return sum(not answer.found[engine] for answer in answers)
