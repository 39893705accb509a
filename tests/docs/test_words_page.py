"""docs/words.md: in alphabetical order, no word twice, and the words to avoid are those that a test refuses."""

from tests.architecture.test_names import (
    FORBIDDEN_WORDS,
    WORDS_PAGE,
    list_general_words,
    split_words,
)
from tests.docs.pages import read_table

GLOSSARY = read_table(WORDS_PAGE, "Glossary")
GENERAL = list_general_words()


def test_the_glossary_is_in_alphabetical_order() -> None:
    words = [row[0].lower() for row in GLOSSARY]
    assert words == sorted(words)


def test_the_words_not_to_use_are_the_ones_that_a_test_refuses() -> None:
    avoided = {word for row in GLOSSARY for word in row[2].strip("| ").split(", ") if word}
    assert avoided == FORBIDDEN_WORDS


def test_the_general_words_are_in_alphabetical_order() -> None:
    assert sorted(set(GENERAL)) == GENERAL


def test_no_general_word_is_a_term_of_the_glossary() -> None:
    terms = set(split_words(" ".join(row[0] for row in GLOSSARY)))
    assert sorted(terms.intersection(GENERAL)) == []
