"""The judges of pages tell a page that is wrong, and pass one that is in order."""

from dataclasses import replace

import pytest
from django.http import HttpResponse, JsonResponse

from identity.people.models import Person
from tests.portal.page_judges import PRIVATE, Rendering, find_defects


def make_page(text: str, *, status: int = 200, caching: str = PRIVATE) -> HttpResponse:
    return HttpResponse(f"<p>{text}</p>", status=status, headers={"Cache-Control": caching})


FINE = Rendering(
    Person(name="Ana Keller"), "/", "/grants/", make_page("Ihre Zugriffe"), "de", hides_product=True
)


@pytest.mark.parametrize(
    ("rendering", "told"),
    [
        (replace(FINE, answer=make_page("Nichts hier", status=404)), "dead link: 404 (judge_status)"),
        (replace(FINE, answer=make_page("", caching="public")), "kept by caches: public (judge_caching)"),
        (
            replace(FINE, answer=make_page("Ends with the month")),
            "English on a page in German: Ends with the month (judge_language)",
        ),
        (
            replace(FINE, answer=make_page('<input aria-label="Name of the column">')),
            "English on a page in German: Name of the column (judge_language)",
        ),
        (
            replace(FINE, answer=make_page("Zephyrine")),
            "names what is hidden: zephyrine (judge_hidden_names)",
        ),
        (
            replace(FINE, answer=JsonResponse({"table": "zephyrtable"}, headers={"Cache-Control": PRIVATE})),
            "names what is hidden: zephyrtable (judge_hidden_names)",
        ),
        (
            replace(FINE, answer=make_page('<span class="chip amber">Pending</span>')),
            "a state in other words: Pending (judge_states)",
        ),
        (
            replace(FINE, answer=make_page('<span class="chip green is-failed">Fehlgeschlagen</span>')),
            "the state is-failed as 'Fehlgeschlagen' in ['chip', 'green', 'is-failed'] (judge_states)",
        ),
    ],
)
def test_what_is_wrong_is_told_with_reader_and_page(rendering: Rendering, told: str) -> None:
    assert list(find_defects(rendering)) == [f"Ana Keller: / -> /grants/: {told}"]


@pytest.mark.parametrize(
    "rendering",
    [
        FINE,
        replace(FINE, language="en", answer=make_page("Ends with the month")),
        replace(FINE, answer=make_page('<span lang="en">Ends with the month</span>')),
        replace(FINE, answer=make_page("<code>SELECT the FROM of</code>")),
        replace(FINE, answer=make_page("Zephyrine"), hides_product=False),
        replace(FINE, answer=make_page('<span class="chip red is-failed">Fehlgeschlagen</span>')),
    ],
)
def test_what_is_in_order_is_passed(rendering: Rendering) -> None:
    assert list(find_defects(rendering)) == []
