"""What a product meets of the publication rules, as its draft has it."""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.derivation.evaluation import Derivation, Subject, read_derivations
from catalog.derivation.wording import describe_problems
from catalog.products.models import DataProduct
from catalog.publication_rules.queries import check_each, get_rules_in_force
from catalog.publication_rules.rules import RuleResult
from catalog.revisions.content import (
    ProductContent,
    parse_content,
    read_content,
    read_contents,
    set_content,
)
from catalog.revisions.models import ProductRevision
from identity.people.models import Person
from kernel.errors import RefusedError

FLOOR_RULE, PASSING_ON_RULE = "derivation_floor", "derivation_terms"
DERIVATION_RULES = (FLOOR_RULE, PASSING_ON_RULE)
"""They hold for every product that is made from others, whatever the rules in force."""


def check_draft(
    person: Person, product: DataProduct, draft: ProductRevision | None, now: datetime
) -> tuple[RuleResult, ...]:
    """Check the draft, or the product itself where there is none. Names only what the person may see."""
    own = read_content(product)
    content = parse_content(draft.content, own) if draft else own
    return check_content_rules(person, product, content, now)


def check_drafts(
    person: Person, drafts: Mapping[DataProduct, ProductRevision], now: datetime
) -> dict[int, tuple[RuleResult, ...]]:
    """As `check_draft`, by the product's id. As many queries as for one draft; none without."""
    if not drafts:
        return {}
    own = read_contents(drafts)
    contents = [(product, parse_content(drafts[product].content, own[product.pk])) for product in drafts]
    results = _check_contents(person, contents, now)
    return {product.pk: checked for (product, _content), checked in zip(contents, results, strict=True)}


def check_content_rules(
    person: Person, product: DataProduct, content: ProductContent, now: datetime
) -> tuple[RuleResult, ...]:
    """Check the product with this content, which is not saved."""
    return _check_contents(person, [(product, content)], now)[0]


def _check_contents(
    person: Person, contents: Sequence[tuple[DataProduct, ProductContent]], now: datetime
) -> list[tuple[RuleResult, ...]]:
    previews = []
    for product, content in contents:
        preview = copy(product)
        set_content(preview, content)
        previews.append((preview, content.tables))
    subjects = [Subject(product, content.tables, content.inputs) for product, content in contents]
    rules = check_each(previews, get_rules_in_force())
    derivations = read_derivations(subjects, now)
    return [
        (*checked, *_check_derivation(person, derivation))
        for checked, derivation in zip(rules, derivations, strict=True)
    ]


def _check_derivation(person: Person, derivation: Derivation) -> Iterator[RuleResult]:
    """Nothing of a product that is made from no other data."""
    if not derivation.columns and not derivation.upstream:
        return
    problems = describe_problems(person, derivation)
    if derivation.columns:
        text = _("No column is classified below the data that it is made from")
        yield RuleResult(FLOOR_RULE, text, problems.floor, "")
    if derivation.upstream:
        text = _("The data products that it is made from may be passed on")
        yield RuleResult(PASSING_ON_RULE, text, problems.passing_on, "")


def require_rules_met(person: Person, product: DataProduct, content: ProductContent, now: datetime) -> None:
    """RefusedError, with every problem, unless every rule is met or excepted."""
    failures = [rule for rule in check_content_rules(person, product, content, now) if not rule.is_met]
    if failures:
        said = ngettext(
            "A publication rule is not met. %(problems)s",
            "%(n)d publication rules are not met. %(problems)s",
            len(failures),
        )
        problems = " ".join(f"{failure.text}: {failure.problem}" for failure in failures)
        raise RefusedError(said % {"n": len(failures), "problems": problems}, "rules")
