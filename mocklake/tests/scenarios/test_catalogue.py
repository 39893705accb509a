"""docs/behaviours.md lists every behaviour as the files have it, and no operation is without one."""

from mocklake.scenarios.catalogue import PAGE, page, scenarios, unshown

AGAIN = "run `python -m mocklake.scenarios.catalogue`"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(scenarios()), AGAIN


def test_every_operation_is_shown_by_a_scenario() -> None:
    assert unshown(scenarios()) == set()


def test_an_operation_without_a_scenario_would_be_found() -> None:
    known = [one for one in scenarios() if "lakeformation.DeregisterResource" not in one.operations]
    assert "lakeformation.DeregisterResource" in unshown(known)


def test_each_scenario_stands_once_with_its_sources() -> None:
    known = scenarios()
    text = page(known)
    for one in known:
        assert text.count(f"](../scenarios/{one.name}))") == 1
        assert f"* {one.shows}. *{'; '.join(one.sources)}*" in text


def test_no_two_files_say_the_same() -> None:
    said = [one.shows for one in scenarios()]
    assert len(set(said)) == len(said)
