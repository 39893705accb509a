"""What each engine reaches on the judged queries of a corpus."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from tools.bench.search.relevance.metrics import compute_ndcg, compute_recall
from tools.bench.search.relevance.texts import JudgedQuery, Misspelling

OURS, PEER = "meshmarket", "tantivy"


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


def compute_mean_ndcg(answers: Sequence[AnsweredQuery], engine: str) -> float:
    return mean(answer.get_ndcg(engine) for answer in answers)


def compute_mean_recall(answers: Sequence[AnsweredQuery], engine: str) -> float:
    """Of the queries that have a relevant text."""
    shares = [compute_recall(answer.found[engine], answer.query.grades) for answer in answers]
    return mean(share for share in shares if share is not None)


def count_empty(answers: Sequence[AnsweredQuery], engine: str) -> int:
    return sum(not answer.found[engine] for answer in answers)


def format_answers(
    corpus: str, answers: Sequence[AnsweredQuery], misspelled: Sequence[AnsweredMisspelling]
) -> str:
    """A block of lines for each query, the worst beside the peer first; then misspellings that were not found."""
    has_peer = all(PEER in answer.found for answer in answers)
    ordered = sorted(answers, key=AnsweredQuery.compare) if has_peer else answers
    blocks = [_format_answer(corpus, answer) for answer in ordered]
    blocks += [
        f"[{corpus}] misspelling {each.misspelling.text!r}: {each.misspelling.key} is not among {each.found[OURS]}"
        for each in misspelled
        if not each.is_found(OURS)
    ]
    return "\n\n".join(blocks)


def _format_answer(corpus: str, answer: AnsweredQuery) -> str:
    grades = answer.query.grades
    ndcg = ", ".join(f"{engine} {answer.get_ndcg(engine):.3f}" for engine in answer.found)
    lines = [f"[{corpus}] {answer.query.text}", f"  NDCG@10: {ndcg}"]
    lines.append("  judged: " + " | ".join(f"{key} {grade}" for key, grade in grades.items()))
    for engine, keys in answer.found.items():
        lines.append(
            f"  {engine}: " + (" | ".join(f"{key} {grades.get(key, 0)}" for key in keys) or "nothing")
        )
    return "\n".join(lines)
