"""`hypothesis_jsonschema` asks a collection for `more()`, which Hypothesis has replaced by iteration."""

from typing import Any

from hypothesis.internal.conjecture.utils import many

MORE = "more"
_END = object()
_iterations = "_adapted_iteration"


def _more(elements: Any) -> bool:
    """Whether another element is to be drawn."""
    if not hasattr(elements, _iterations):
        elements.__enter__()
        setattr(elements, _iterations, iter(elements))
    return next(getattr(elements, _iterations), _END) is not _END


def adapt_hypothesis() -> None:
    if not hasattr(many, MORE):
        setattr(many, MORE, _more)
