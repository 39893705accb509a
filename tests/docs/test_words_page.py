"""docs/words.md: the glossary is in alphabetical order, and refuses the words that a test refuses in names."""

from demo.bootstrap import ROOT
from tests.architecture.test_names import FORBIDDEN_WORDS
from tests.docs.pages import read_table

GLOSSARY = read_table(ROOT / "docs" / "words.md", "Glossary")


def test_the_glossary_is_in_alphabetical_order() -> None:
    words = [row[0].lower() for row in GLOSSARY]
    assert words == sorted(words)


def test_the_words_not_to_use_are_the_ones_that_a_test_refuses() -> None:
    avoided = {word for row in GLOSSARY for word in row[2].strip("| ").split(", ") if word}
    assert avoided == FORBIDDEN_WORDS
