"""The figures of `demo.page_measures` as a table; without the browser, which the demo itself need not have."""

from typing import Any


def format_figures(figures: dict[str, Any]) -> str:
    """One line a page, then one a job."""
    lines = [
        f"{'page':20}{'px at 1440':>12}{'px at 360':>11}{'first row':>11}{'HTML kB':>9}{'requests':>10}{'wire kB':>9}"
    ]
    lines += [
        f"{page['name']:20}{page['height']:12}{page['narrow_height']:11}{page['first_row'] or '–':>11}"
        f"{page['html_kilobytes']:9}{page['requests']:10}{page['wire_kilobytes']:9}"
        for page in figures["pages"]
    ]
    lines += ["", f"{'job':32}{'keys':>6}{'clicks':>8}"]
    lines += [f"{job['name']:32}{job['keys']:6}{job['clicks']:8}" for job in figures["jobs"]]
    return "\n".join(lines)
