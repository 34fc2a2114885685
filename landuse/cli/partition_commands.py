"""``landuse partition``, and ``landuse identify --engine``: the batch over parts."""

# No `from __future__ import annotations`: see landuse.cli.commands.

import contextlib
import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperCommand

from landuse.cli import screen
from landuse.errors import UserError
from landuse.messages import Lang, text

if TYPE_CHECKING:
    from landuse.engines.batch import PartsRun
    from landuse.engines.parts.job import Crew
    from landuse.intake.raw import Fact
    from landuse.pipeline.progress import Progress

__all__ = ["Engine", "engine_option", "identify_with", "register"]

ENGINES: Final = ("local", "dask")
PART_ROWS: Final = 100_000
MANY_ROWS: Final = 250_000
"""Rows of a part in one process of known memory: fewer parts are cheaper, and nobody waits."""
LEAST_MEMORY: Final = 512 << 20


@dataclass(frozen=True)
class Engine:
    """What the command line says of the engine; ``name`` is ``""`` for the ordinary batch."""

    name: str
    part_rows: int | None
    work: str | None
    workers: int | None
    worker_memory: str | None
    scheduler: str | None
    timings: Path | None = None
    partitioned: bool = False
    memory: str | None = None

    def check(self) -> None:
        """Refuse options that have no meaning together (:class:`UserError`)."""
        if self.name not in ("", *ENGINES):
            raise UserError.of("engines.unknown_engine", value=self.name)
        of_dask = {
            "--workers": self.workers,
            "--worker-memory": self.worker_memory,
            "--scheduler": self.scheduler,
        }
        given = [name for name, value in of_dask.items() if value is not None]
        if given and self.name != "dask":
            raise UserError.of("engines.only_dask", value=", ".join(given))
        parts = {
            "--part-rows": self.part_rows, "--work": self.work, "--timings": self.timings,
            "--partitioned": self.partitioned or None,
        }  # fmt: skip
        given = [name for name, value in parts.items() if value is not None]
        if given and not self.name and self.memory is None:
            raise UserError.of("engines.only_parts", value=", ".join(given))
        if self.scheduler is not None and (self.workers or self.worker_memory):
            raise UserError.of("engines.scheduler_or_workers")
        if self.scheduler is not None and self.work is None:
            raise UserError.of("engines.shared_work")
        _bytes(self.memory)


def _bytes(memory: str | None) -> int | None:
    """What ``--memory`` says, in bytes; ``None`` without it."""
    if memory is None:
        return None
    said = re.fullmatch(r"(\d+(?:\.\d+)?) *([KMGT]?)(i?)B?", memory.strip(), re.IGNORECASE)
    if said is None:
        raise UserError.of("engines.memory_unknown", value=memory)
    unit = (1024 if said[3] else 1000) ** " KMGT".index(said[2].upper() or " ")
    size = int(float(said[1]) * unit)
    if size < LEAST_MEMORY:
        raise UserError.of("engines.memory_small", value=memory)
    return size


def engine_option(name: str, lang: Lang, metavar: str, **more: Any) -> Any:  # noqa: ANN401
    """One of the options of the engine."""
    words = text(f"engines.option_{name.replace('-', '_')}", lang)
    return typer.Option(f"--{name}", help=words, metavar=metavar, **more)


def register(app: typer.Typer, lang: Lang, command: type[TyperCommand]) -> None:
    """Add the command ``partition`` to ``app``, with help in ``lang``."""
    words = text("cli.help_partition", lang)
    app.command("partition", help=words, cls=command)(_partition(lang))


def _partition(lang: Lang) -> Callable[..., int]:
    def partition(
        project: Annotated[
            Path, typer.Argument(help=text("cli.argument_project", lang), metavar="PROJECT.TOML")
        ],
        work: Annotated[str, engine_option("work", lang, "DIR|URL")],
        part_rows: Annotated[int | None, engine_option("part-rows", lang, "N", min=1)] = None,
        memory: Annotated[str | None, engine_option("memory", lang, "4GiB")] = None,
        as_of: Annotated[
            datetime | None,
            typer.Option(
                "--as-of", help=text("cli.option_as_of", lang), formats=["%Y-%m-%d"],
                metavar="YYYY-MM-DD",
            ),
        ] = None,
        language: Annotated[
            str, typer.Option("--lang", help=text("cli.option_lang", lang), metavar="zh|en")
        ] = lang,
    ) -> int:  # fmt: skip
        screen.known_language(language, lang)
        from landuse.engines.reading.prepared import Cuts, prepare_parts
        from landuse.pipeline.identify import prepare

        found, rules, day = prepare(project, as_of.date() if as_of else None)
        rows = part_rows or (MANY_ROWS if memory else PART_ROWS)
        cuts = Cuts(rows, memory=_bytes(memory))
        with contextlib.ExitStack() as stack:
            with _bar(lang) as progress:
                parts = stack.enter_context(
                    prepare_parts(found, rules, day, lang, cuts, work, lambda s: progress(s, 0, 1))
                )
            code = "engines.parts_there" if parts.again else "engines.parts_made"
            job = parts.job
            _say(text(code, lang, land=len(job.land), firms=len(job.firms), folder=job.folder))
            _say_whole(parts.at_once, lang)
        again = f" --memory {memory}" if memory else ""
        _say(text("engines.parts_next", lang, work=work, rows=rows, memory=again))
        return 0

    return partition


def identify_with(
    engine: Engine, project: Path, out: Path | None, as_of: dt.date | None, lang: Lang
) -> int:
    """The identification over parts; prints where its tables lie."""
    from landuse.engines.batch import identify_in_parts
    from landuse.engines.reading.prepared import Cuts

    alone = engine.memory and engine.name != "dask"
    rows = engine.part_rows or (MANY_ROWS if alone else PART_ROWS)
    with (
        _bar(lang) as progress,
        _crew(engine, project, out) as crew,
        _timed(engine, crew) as (crew, noted),
    ):
        run = identify_in_parts(
            project,
            out=out,
            as_of=as_of,
            lang=lang,
            progress=progress,
            crew=crew,
            cuts=Cuts(rows, memory=_bytes(engine.memory)),
            work=engine.work,
            partitioned=engine.partitioned,
        )
        noted(run)
    _show(run, lang)
    return 0


@contextlib.contextmanager
def _crew(engine: Engine, project: Path, out: Path | None) -> Iterator["Crew | None"]:
    if engine.name != "dask":
        yield None
        return
    from landuse.engines.dask_engine import dask_crew

    near = (out or project.resolve().parent / "runs" / "any").resolve().parent
    with dask_crew(
        engine.work or near,
        workers=engine.workers,
        scheduler=engine.scheduler,
        memory=engine.worker_memory,
    ) as crew:
        yield crew


@contextlib.contextmanager
def _timed(
    engine: Engine, crew: "Crew | None"
) -> Iterator[tuple["Crew | None", Callable[["PartsRun"], None]]]:
    """The crew, timed where ``--timings`` is given, and what writes down a finished run."""
    if engine.timings is None:
        yield crew, lambda _: None
        return
    from landuse.engines.parts.job import Here
    from landuse.engines.parts.timings import Timed
    from landuse.publish.whole import whole_file

    timed = Timed(crew or Here())
    with whole_file(engine.timings) as new:

        def write(run: "PartsRun") -> None:
            units = sum(run.totals["units"].values())
            found = timed.timings(run.totals["parcels"], units, run.land_parts, run.firm_parts)
            new.write_bytes(found.dump())

        yield timed, write


def _show(run: "PartsRun", lang: Lang) -> None:
    totals = run.totals
    _say_whole(run.at_once, lang)
    screen.show_counts(run.counts, lang)
    _say(text("engines.run_parts", lang, land=run.land_parts, firms=run.firm_parts))
    _say(
        text(
            "engines.run_land", lang, parcels=totals["parcels"],
            flagged=totals["low_efficiency_parcels"], mu=f"{totals['low_efficiency_mu']:,.2f}",
        )
    )  # fmt: skip
    _say(text("engines.run_issues", lang, **screen.severities(list(run.log))))
    _say(text("cli.run_done", lang, folder=run.folder))
    _say(text("engines.run_tables", lang, folder=run.folder))
    _say(text("cli.run_proposal", lang))


def _say_whole(reasons: Sequence["Fact"], lang: Lang) -> None:
    """Which files were read whole though memory is limited, and why."""
    if reasons:
        _say(text("engines.read_at_once", lang))
    for one in reasons:
        values = dict(one.values)
        table = text(f"read_whole.{values.pop('table')}", lang)
        why = text(one.code, lang, **values)
        _say(text("engines.read_whole", lang, table=table, file=one.file, why=why))


@contextlib.contextmanager
def _bar(lang: Lang) -> Iterator["Progress"]:
    """A progress bar over the parts of each stage, on standard error."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    from landuse.engines.batch import STAGES

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
    )  # fmt: skip
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def tell(stage: str, done: int, of: int) -> None:
            number = text("cli.step_progress", lang, n=STAGES.index(stage) + 1, of=len(STAGES))
            words = f"{number} {text(f'pipeline.step_{stage}', lang)}"
            bar.update(task, description=words, completed=done, total=of)

        yield tell


def _say(words: str) -> None:
    Console(highlight=False, emoji=False).print(escape(words), soft_wrap=True)
