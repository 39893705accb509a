"""Templates as they are loaded: without indentation, but where it shows."""


def test_indentation_is_stripped_and_lines_stay() -> None:
    assert strip_indentation("<ul>\n    <li>a b</li>\n\n\t</ul>\n") == "<ul>\n<li>a b</li>\n\n</ul>\n"


def test_elements_that_show_whitespace_keep_it() -> None:
    source = "<p>\n  a</p>\n  <pre class='sql'>\n  SELECT\n    1</pre>\n  <textarea>\n  x</textarea>\n  b"
    assert strip_indentation(source) == (
        "<p>\na</p>\n<pre class='sql'>\n  SELECT\n    1</pre>\n<textarea>\n  x</textarea>\nb"
    )
