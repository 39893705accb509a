"""How good the answers of an engine are: measures of a ranking, its scores and their figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from statistics import mean

from tools.bench.report import BenchReport, Bound, at_least, at_most
from tools.bench.search.relevance.texts import CorpusText, JudgedQuery, Judgements, Misspelling

OURS, PEER = "meshmarket", "tantivy"
FoundKeys = dict[str, list[list[str]]]
"""By engine, for each query the keys of its first hits."""
FIRST_HITS = 10
RELEVANT_GRADE = 2
"""From this grade on a text answers the query; grade 1 is a part of an answer."""
LEADS = {"mesh": -0.02}
"""By how much our NDCG@10 must be above the peer's, where it is not `LEAD`: there is no room above a peer of 0.95."""
LEAD = 0.04
BOUNDS: dict[str, Callable[[float], Bound]] = {
    "recall@10": at_least,
    "nothing found": lambda peer: at_most(peer / 2),
}
"""By the peer's figure."""
MISSPELLINGS_FOUND = 29
"""Of thirty."""


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
        return keys | {misspelling.misspelling.key for misspelling in self.misspellings}


def pair_answers(judgements: Judgements, found: FoundKeys) -> CorpusAnswers:
    """With what was found for the texts of the judgements, in their order."""
    answers = iter([dict(zip(found, keys, strict=True)) for keys in zip(*found.values(), strict=True)])
    return CorpusAnswers(
        tuple(AnsweredQuery(query, next(answers)) for query in judgements.used),
        tuple(AnsweredQuery(query, next(answers)) for query in judgements.unused),
        tuple(AnsweredMisspelling(misspelling, next(answers)) for misspelling in judgements.misspellings),
    )


def compute_mean_ndcg(answers: Sequence[AnsweredQuery], engine: str) -> float:
    return mean(answer.get_ndcg(engine) for answer in answers)


def compute_mean_recall(answers: Sequence[AnsweredQuery], engine: str) -> float:
    """Averages over the queries that have a relevant text."""
    shares = [compute_recall(answer.found[engine], answer.query.grades) for answer in answers]
    return mean(share for share in shares if share is not None)


def count_empty(answers: Sequence[AnsweredQuery], engine: str) -> int:
    return sum(not answer.found[engine] for answer in answers)


def compute_gain(grades: Sequence[int]) -> float:
    """Discounted cumulative gain of the first ten; a grade gains 2^grade - 1."""
    return sum(float(2**grade - 1) / log2(at + 2) for at, grade in enumerate(grades[:FIRST_HITS]))


def compute_ndcg(found: Sequence[str], grades: Mapping[str, int]) -> float:
    best = compute_gain(sorted(grades.values(), reverse=True))
    return compute_gain([grades.get(key, 0) for key in found]) / best


def compute_recall(found: Sequence[str], grades: Mapping[str, int]) -> float | None:
    """The share of the relevant texts that are among the first ten; None when no text is relevant."""
    relevant = {key for key, grade in grades.items() if grade >= RELEVANT_GRADE}
    if not relevant:
        return None
    return len(relevant.intersection(found[:FIRST_HITS])) / min(len(relevant), FIRST_HITS)


METRICS: dict[str, tuple[Callable[[Sequence[AnsweredQuery], str], float], str]] = {
    "NDCG@10": (compute_mean_ndcg, "of 1"),
    "recall@10": (compute_mean_recall, "of 1"),
    "nothing found": (count_empty, "queries"),
}


def choose_bound(corpus: str, metric: str, peer: float) -> Bound:
    return BOUNDS[metric](peer) if metric in BOUNDS else at_least(peer + LEADS.get(corpus, LEAD))


def add_figures(board: BenchReport, corpus: str, texts: Sequence[CorpusText], answers: CorpusAnswers) -> None:
    board.add_figure(f"{corpus}: texts", len(texts), "texts")
    missing = answers.list_judged_keys() - {text.key for text in texts}
    board.add_figure(f"{corpus}: judged keys that no text has", len(missing), "keys", must=at_most(0))
    _add_query_figures(board, corpus, f"{corpus}, used", answers.used)
    _add_query_figures(board, corpus, f"{corpus}, unused", answers.unused)
    _add_misspellings(board, corpus, answers.misspellings)


def _add_query_figures(board: BenchReport, corpus: str, part: str, answers: Sequence[AnsweredQuery]) -> None:
    board.add_figure(f"{part}: queries", len(answers), "queries")
    engines = answers[0].found
    for metric, (compute, unit) in METRICS.items():
        for engine in engines:
            if engine != OURS:
                board.add_figure(f"{engine}: {part}: {metric}", compute(answers, engine), unit)
        must = choose_bound(corpus, metric, compute(answers, PEER)) if PEER in engines else None
        board.add_figure(f"{part}: {metric}", compute(answers, OURS), unit, must=must)
    if PEER in engines:
        differences = [round(answer.compare(), 3) for answer in answers]
        board.add_figure(
            f"{part}: better than {PEER}", sum(difference > 0 for difference in differences), "queries"
        )
        board.add_figure(
            f"{part}: worse than {PEER}", sum(difference < 0 for difference in differences), "queries"
        )


def _add_misspellings(board: BenchReport, corpus: str, misspellings: Sequence[AnsweredMisspelling]) -> None:
    name, unit = f"{corpus}: misspelled queries found", f"of {len(misspellings)}"
    must = at_least(len(misspellings) * MISSPELLINGS_FOUND / 30)
    for engine in misspellings[0].found:
        count = sum(misspelling.is_found(engine) for misspelling in misspellings)
        if engine == OURS:
            board.add_figure(name, count, unit, must=must)
        else:
            board.add_figure(f"{engine}: {name}", count, unit)
