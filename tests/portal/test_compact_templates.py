"""Templates as they are loaded: without whitespace that browsers ignore, but where it shows."""

import pytest

from portal.compact_templates import compact


@pytest.mark.parametrize(
    ("source", "compacted"),
    [
        ("<ul>\n    <li>a  b</li>\n\n\t</ul>\n", "<ul><li>a  b</li></ul>"),
        ("<p>a\n  <b>b</b>\n  c</p>", "<p>a <b>b</b> c</p>"),
        ("{% if x > 1 %}\n    a\n{% endif %}b", "{% if x > 1 %} a {% endif %}b"),
        ('<input\n  id="a"\n  value="{% url "b" %}">', '<input id="a" value="{% url "b" %}">'),
        ("<a>b</a>\n  {{ c }}", "<a>b</a> {{ c }}"),
        (
            "<p>\n  a</p>\n  <pre class='sql'>\n  SELECT\n    1</pre>\n",
            "<p>a</p><pre class='sql'>\n  SELECT\n    1</pre> ",
        ),
        ("<label>a\n<textarea>\n  x</textarea></label>", "<label>a <textarea>\n  x</textarea></label>"),
    ],
)
def test_whitespace_that_shows_stays(source: str, compacted: str) -> None:
    assert compact(source) == compacted
