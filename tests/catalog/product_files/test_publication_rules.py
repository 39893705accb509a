"""A file is planned and applied under the publication rules in force."""

import pytest

from catalog.publication_rules.rules import Rules
from kernel.errors import RefusedError
from tests.bank import Bank
from tests.product_files import apply, export_changed, plan
from tests.publication_rules import put_in_force


def test_a_rule_that_is_not_met_is_the_problem_of_the_plan(bank: Bank) -> None:
    put_in_force(bank.greta, Rules(description_words=50))
    text = export_changed(bank.ines, bank.product.slug, summary="Another line.")
    problem = plan(bank.ines, text).problem
    assert isinstance(problem, RefusedError)
    assert "at least 50 words" in problem.message
    with pytest.raises(RefusedError, match="at least 50 words"):
        apply(bank.ines, text)
