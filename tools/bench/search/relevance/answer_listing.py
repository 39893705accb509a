"""Each query with the hits of each engine and their grades, as text to read."""

from collections.abc import Iterable, Mapping, Sequence

from tools.bench.search.relevance.scores import (
    OURS,
    PEER,
    AnsweredMisspelling,
    AnsweredQuery,
    CorpusAnswers,
)


def format_answers(corpus: str, answers: CorpusAnswers, *, unused: bool) -> str:
    """Those that are the worst beside the peer first; then the misspellings whose text was not found."""
    queries = answers.used + (answers.unused if unused else ())
    blocks = [_format_query(corpus, answer) for answer in _sort(queries)]
    blocks += [_format_misspelling(corpus, each) for each in answers.misspellings if not each.is_found(OURS)]
    return "\n\n".join(blocks)


def _sort(answers: Sequence[AnsweredQuery]) -> list[AnsweredQuery]:
    return sorted(
        answers, key=lambda answer: answer.compare() if PEER in answer.found else answer.get_ndcg(OURS)
    )


def _format_query(corpus: str, answer: AnsweredQuery) -> str:
    scores = ", ".join(f"{engine} {answer.get_ndcg(engine):.3f}" for engine in answer.found)
    grades = answer.query.grades
    lines = [
        f"[{corpus}] {answer.query.text}",
        f"  NDCG@10: {scores}",
        f"  judged: {_format_keys(grades, grades)}",
    ]
    lines += [f"  {engine}: {_format_keys(keys, grades)}" for engine, keys in answer.found.items()]
    return "\n".join(lines)


def _format_misspelling(corpus: str, answer: AnsweredMisspelling) -> str:
    sought = answer.misspelling
    return (
        f"[{corpus}] {sought.text}: {sought.key} is not among {' | '.join(answer.found[OURS]) or 'nothing'}"
    )


def _format_keys(keys: Iterable[str], grades: Mapping[str, int]) -> str:
    return " | ".join(f"{key} {grades.get(key, 0)}" for key in keys) or "nothing"
