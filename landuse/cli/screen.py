"""What the terminal shows: tables, progress, and faults in words."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from landuse.errors import UserError
from landuse.messages import LANGUAGES, Lang, text

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd
    from rich.console import Console
    from rich.table import Table

    from landuse.issues import Issue
    from landuse.pipeline.check import Checked
    from landuse.pipeline.identify import Run
    from landuse.pipeline.init import InitResult
    from landuse.pipeline.progress import Progress
    from landuse.publish.compare import Comparison
    from landuse.publish.explain import Explanation

__all__ = [
    "complain",
    "escape",
    "known_language",
    "severities",
    "show_check",
    "show_comparison",
    "show_counts",
    "show_ending",
    "show_explanation",
    "show_init",
    "show_pack",
    "show_pack_difference",
    "show_packs",
    "show_run",
    "steps",
]

_SHOWN_ISSUES: Final = 40
_COLOURS: Final = {"error": "red", "warning": "yellow", "info": "cyan"}


def escape(words: str) -> str:
    """Words of users and files as they stand: a bracket in them is no colour."""
    from rich import markup

    return markup.escape(words)


def _out() -> Console:
    from rich.console import Console

    return Console(soft_wrap=False, highlight=False, emoji=False)


def known_language(language: str, lang: Lang) -> None:
    """Refuse a language that we do not speak."""
    if language not in LANGUAGES:
        raise UserError.of("cli.unknown_language", value=language) from None
    del lang


def complain(lines: list[str], lang: Lang) -> None:
    """Faults go to standard error, one paragraph each."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
    console.print(f"[bold red]{text('cli.title_error', lang)}[/]")
    for line in lines:
        console.print(escape(line))


@contextmanager
def steps(lang: Lang) -> Iterator[Progress]:
    """A progress bar over the steps of the batch, on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def tell(step: str, done: int, of: int) -> None:
            number = text("cli.step_progress", lang, n=min(done + 1, of), of=of)
            words = f"{number} {text(f'pipeline.step_{step}', lang)}"
            bar.update(task, description=words, completed=done, total=of)

        yield tell


def _table(title: str, lang: Lang, heads: list[str], numbers: int = 0) -> Table:
    """A table whose last ``numbers`` columns are set right."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold")
    for index, head in enumerate(heads):
        right = index >= len(heads) - numbers
        heading = text(f"cli.head_{head}", lang)
        table.add_column(heading, justify="right" if right else "left", overflow="fold")
    return table


def show_counts(counts: pd.DataFrame, lang: Lang) -> None:
    """Of every file, how many rows were read, used and set aside."""
    from landuse.publish import table_label

    shown = _table(
        text("cli.table_counts", lang), lang, ["table", "file", "read", "used", "set_aside"], 3
    )
    for row in counts.to_dict("records"):
        numbers = [str(row[name]) for name in ("read", "used", "set_aside")]
        shown.add_row(table_label(str(row["table"]), lang), escape(str(row["file"])), *numbers)
    _out().print(shown)


def show_run(run: Run, lang: Lang) -> None:
    """Counts, classes, statuses, and where the results are."""
    from landuse.publish import class_label, status_label

    console = _out()
    totals = run.totals
    show_counts(run.computed.inputs.counts, lang)
    land = _table(text("cli.table_land", lang), lang, ["class", "count", "mu"], 2)
    for name, cell in totals["classes"].items():
        land.add_row(class_label(name, lang), str(cell["count"]), f"{cell['mu']:,.2f}")
    console.print(land)
    units = _table(text("cli.table_units", lang), lang, ["status", "count"], 1)
    for name, number in totals["units"].items():
        units.add_row(status_label(name, lang), str(number))
    console.print(units)
    show_ending(run, console, lang)


def show_ending(
    run: Run, console: Console, lang: Lang, *, workbook: str = "results.xlsx", map_too: bool = True
) -> None:
    """How many issues there are and where the results lie."""
    console.print(text("cli.run_issues", lang, **severities(list(run.log))))
    for code, path in (
        ("cli.run_done", run.folder),
        ("cli.run_workbook", run.folder / workbook),
        *([("cli.run_map", run.folder / "map.html")] if map_too else []),
    ):
        line = text(code, lang, folder=path, path=path)
        console.print(escape(line), soft_wrap=True)
    console.print(text("cli.run_proposal", lang))


def severities(issues: list[Issue]) -> dict[str, int]:
    """How many there are of each severity."""
    return {name: sum(issue.severity == name for issue in issues) for name in _COLOURS}


def show_check(checked: Checked, lang: Lang) -> None:
    """The first issues on screen, all of them in the workbook."""
    issues = list(checked.log)
    hidden = len(issues) - _SHOWN_ISSUES
    errors = len(checked.log.errors())
    lines = [
        *([] if issues else [text("cli.check_clean", lang)]),
        *([text("cli.check_more", lang, n=hidden, path=checked.workbook)] if hidden > 0 else []),
        text("cli.check_written", lang, path=checked.workbook),
        text("cli.run_issues", lang, **severities(issues)),
        *([text("cli.check_stopped", lang, n=errors)] if errors else []),
    ]
    if not issues:  # nothing to lay out
        _write("\n".join(lines))
        return
    console = _out()
    console.print(_issue_table(issues[:_SHOWN_ISSUES], lang))
    for line in lines:
        console.print(escape(line), soft_wrap=True)


def _issue_table(issues: list[Issue], lang: Lang) -> Table:
    from rich.table import Table

    table = Table(show_lines=True)
    for head in ("severity", "owner", "place", "message"):
        table.add_column(text(f"cli.head_{head}", lang))
    for issue in issues:
        words = issue.message(lang)
        if issue.hint(lang):
            words = f"{words}\n→ {issue.hint(lang)}"
        severity = text(f"ground.severity_{issue.severity}", lang)
        table.add_row(
            f"[{_COLOURS[issue.severity]}]{severity}[/]",
            text(f"ground.owner_{issue.owner}", lang),
            escape(issue.place(lang)),
            escape(words),
        )
    return table


def show_init(result: InitResult, lang: Lang) -> None:
    """What ``init`` recognised and what it asks."""
    console = _out()
    console.print(escape(text("cli.init_written", lang, path=result.path)), soft_wrap=True)
    for code, lines in (
        ("cli.init_recognised", result.recognised),
        ("cli.init_questions", result.questions),
    ):
        if lines:
            console.print(f"[bold]{text(code, lang)}[/]")
        for line in lines:
            console.print(escape(f"  - {line}"), soft_wrap=True)
    console.print(escape(text("cli.init_next", lang, path=result.path)), soft_wrap=True)


def show_explanation(explanation: Explanation, *, as_json: bool) -> None:
    """The trace as text or as JSON."""
    _write(_json(explanation.json) if as_json else "\n".join(explanation.text()))


def show_comparison(comparison: Comparison, lang: Lang, *, as_json: bool) -> None:
    """Who moved, and why."""
    _write(_json(comparison.json) if as_json else "\n".join(comparison.text(lang)))


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2, default=str)


def _write(words: str) -> None:
    sys.stdout.write(f"{words}\n")


def show_packs(lang: Lang) -> None:
    """The shipped packs with version and title."""
    import datetime as dt

    from landuse.rules import load, shipped

    table = _table("", lang, ["name", "version", "title"])
    for name in shipped():
        rules = load(name, as_of=dt.date.max)
        table.add_row(name, rules.version, rules.title_zh if lang == "zh" else rules.title_en)
    _out().print(table)


def show_pack(name: str, as_of: dt.date | None, lang: Lang) -> None:
    """Every value of a pack with unit and source."""
    import datetime as dt

    from landuse.rules import load, show

    rules = load(name, as_of=as_of or dt.date.max)
    table = _table(
        f"{rules.name} {rules.version}", lang, ["group", "name", "value", "unit", "source"]
    )
    for row in show(rules, lang):
        table.add_row(*(escape(str(cell)) for cell in row))
    _out().print(table)


def show_pack_difference(first: str, second: str, as_of: dt.date | None, lang: Lang) -> None:
    """The values in which two packs differ."""
    import datetime as dt

    from landuse.rules import diff, load

    day = as_of or dt.date.max
    rows = diff(load(first, as_of=day), load(second, as_of=day))
    if not rows:
        _out().print(text("cli.rules_same", lang))
        return
    from rich.table import Table

    table = Table()
    for head in (text("cli.head_name", lang), first, second):
        table.add_column(escape(head))
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    _out().print(table)
