"""What `manage.py trace` records of a request, and which form it sends."""

import pytest

from kernel import clock, verdicts
from tools.trace import FormReader, Trace, traced

FORM = """
<form action="/other/"><input name="other" value="1"></form>
<form action="/decide/">
  <input type="hidden" name="key" value="k1"><input type="checkbox" name="column" value="a" checked>
  <input type="checkbox" name="column" value="b"><select name="end"><option value="1"><option value="2" selected></select>
  <textarea name="comment">Fine.</textarea><button formaction="/comment/">Comment</button>
</form>
"""
VALUES = {"key": ["k1"], "column": ["a"], "end": ["2"], "comment": ["Fine."]}


@pytest.mark.parametrize("address", ["/decide/", "/comment/"])
def test_the_form_that_leads_to_the_address_is_read_as_a_browser_sends_it(address: str) -> None:
    reader = FormReader(address)
    reader.feed(FORM)
    assert reader.is_found
    assert reader.values == VALUES


def test_a_page_without_such_a_form_is_told_apart_from_an_empty_form() -> None:
    reader = FormReader("/elsewhere/")
    reader.feed(FORM)
    assert not reader.is_found


@pytest.mark.django_db
def test_functions_and_statements_of_ours_are_counted() -> None:
    trace = Trace()
    with traced(trace):
        clock.now()
        verdicts.refusal("no")
        verdicts.refusal("no")
    assert list(trace.modules) == ["kernel.clock", "kernel.verdicts"]
    assert trace.calls["kernel.verdicts.refusal"] == 2
    assert len(trace.statements) == 1
    assert trace.writes == 0
    assert "2 modules, 2 functions in 3 calls" in trace.format()
