"""Reads result files of dbt, Great Expectations and Soda, and our plain format. The shape says which it is."""

from collections.abc import Callable, Iterable

from catalog.quality.formats.dbt import MANIFEST, RUN_RESULTS, is_run_results, read_run_results
from catalog.quality.formats.great_expectations import (
    is_checkpoint_description,
    is_checkpoint_result,
    is_validation_result,
    read_checkpoint_description,
    read_checkpoint_result,
    read_validation_result,
)
from catalog.quality.formats.json_reading import MAX_REPORTS, MAX_RULES, Found, get_object, load_object
from catalog.quality.formats.openlineage import read_dataset_report
from catalog.quality.formats.plain import is_plain, read_plain
from catalog.quality.formats.soda import is_scan_result, read_scan_result
from catalog.quality.formats.values import Report, RuleResult, UnreadableReport

__all__ = ["Report", "RuleResult", "UnreadableReport", "parse_report", "read_dataset_report"]

UNKNOWN = (
    "This is no result file of dbt, Great Expectations or Soda, and it has no `dataset` with `rules` either."
)


def parse_report(body: bytes) -> list[Report]:
    """One report for each dataset that was tested, with at least one rule each. Raises UnreadableReport."""
    reports = [one for one in _read(load_object(body)) if one.rules]
    if not reports:
        raise UnreadableReport("The file holds no result of a test.")
    if len(reports) > MAX_REPORTS:
        raise UnreadableReport(f"The file is about more than {MAX_REPORTS} datasets.")
    if sum(len(one.rules) for one in reports) > MAX_RULES:
        raise UnreadableReport(f"The file holds more than {MAX_RULES} results of rules.")
    return reports


def _read(found: Found) -> Iterable[Report]:
    for recognises, read in _READERS:
        if recognises(found):
            return read(found)
    raise UnreadableReport(UNKNOWN)


def _is_run_with_manifest(found: Found) -> bool:
    return is_run_results(get_object(found, RUN_RESULTS))


def _read_run_with_manifest(found: Found) -> Iterable[Report]:
    return read_run_results(get_object(found, RUN_RESULTS), get_object(found, MANIFEST), RUN_RESULTS)


_READERS: tuple[tuple[Callable[[Found], bool], Callable[[Found], Iterable[Report]]], ...] = (
    (is_run_results, lambda found: read_run_results(found, {})),
    (_is_run_with_manifest, _read_run_with_manifest),
    (is_scan_result, read_scan_result),
    (is_checkpoint_result, read_checkpoint_result),
    (is_checkpoint_description, read_checkpoint_description),
    (is_validation_result, lambda found: [read_validation_result(found)]),
    (is_plain, lambda found: [read_plain(found)]),
)
