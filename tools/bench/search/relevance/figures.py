"""The figures of a corpus: those of ours are held against those of tantivy with its defaults."""

from collections.abc import Callable, Sequence

from tools.bench.report import BenchReport, Bound, at_least, at_most
from tools.bench.search.relevance.scores import (
    OURS,
    PEER,
    AnsweredMisspelling,
    AnsweredQuery,
    CorpusAnswers,
    compute_mean_ndcg,
    compute_mean_recall,
    count_empty,
)
from tools.bench.search.relevance.texts import CorpusText

METRICS: dict[str, tuple[Callable[[Sequence[AnsweredQuery], str], float], str]] = {
    "NDCG@10": (compute_mean_ndcg, "of 1"),
    "recall@10": (compute_mean_recall, "of 1"),
    "nothing found": (count_empty, "queries"),
}
BOUNDS: dict[str, Callable[[float], Bound]] = {
    "NDCG@10": lambda peer: at_least(peer + 0.04),
    "recall@10": at_least,
    "nothing found": lambda peer: at_most(peer / 2),
}
"""By the peer's figure."""
MISSPELLINGS_FOUND = 29
"""Of thirty."""


def add_figures(board: BenchReport, corpus: str, texts: Sequence[CorpusText], answers: CorpusAnswers) -> None:
    board.add_figure(f"{corpus}: texts", len(texts), "texts")
    missing = answers.list_judged_keys() - {text.key for text in texts}
    board.add_figure(f"{corpus}: judged keys that no text has", len(missing), "keys", must=at_most(0))
    _add_query_figures(board, f"{corpus}, used", answers.used)
    _add_query_figures(board, f"{corpus}, unused", answers.unused)
    _add_misspellings(board, corpus, answers.misspellings)


def _add_query_figures(board: BenchReport, part: str, answers: Sequence[AnsweredQuery]) -> None:
    board.add_figure(f"{part}: queries", len(answers), "queries")
    engines = answers[0].found
    for metric, (compute, unit) in METRICS.items():
        for engine in engines:
            if engine != OURS:
                board.add_figure(f"{engine}: {part}: {metric}", compute(answers, engine), unit)
        must = BOUNDS[metric](compute(answers, PEER)) if PEER in engines else None
        board.add_figure(f"{part}: {metric}", compute(answers, OURS), unit, must=must)
    if PEER in engines:
        differences = [round(answer.compare(), 3) for answer in answers]
        board.add_figure(f"{part}: better than {PEER}", sum(each > 0 for each in differences), "queries")
        board.add_figure(f"{part}: worse than {PEER}", sum(each < 0 for each in differences), "queries")


def _add_misspellings(board: BenchReport, corpus: str, misspellings: Sequence[AnsweredMisspelling]) -> None:
    name, unit = f"{corpus}: misspelled queries found", f"of {len(misspellings)}"
    must = at_least(len(misspellings) * MISSPELLINGS_FOUND / 30)
    for engine in misspellings[0].found:
        count = sum(each.is_found(engine) for each in misspellings)
        if engine == OURS:
            board.add_figure(name, count, unit, must=must)
        else:
            board.add_figure(f"{engine}: {name}", count, unit)
