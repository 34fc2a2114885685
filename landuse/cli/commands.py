"""The commands. Each reads its options, calls one verb of the pipeline, and prints the outcome."""

# No `from __future__ import annotations`: the help texts in the annotations depend on `lang`,
# so they must be evaluated where they stand.

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.models import ArgumentInfo, OptionInfo

from landuse.cli import screen
from landuse.cli.idle import idle_command
from landuse.messages import Lang, text

__all__ = ["NAMES", "register"]

NAMES: Final = ("demo", "init", "check", "identify", "idle", "explain", "compare", "rules")
"""The commands that :func:`register` adds, in the order of the help screen."""


def register(
    app: typer.Typer, lang: Lang, command: type[TyperCommand], group: type[TyperGroup]
) -> None:
    """Add every command to ``app``, with help in ``lang``."""

    def add(target: typer.Typer, name: str, function: Callable[..., Any]) -> None:
        key = function.__name__.strip("_")
        target.command(name, help=text(f"cli.help_{key}", lang), cls=command)(function)

    rules = typer.Typer(help=text("cli.help_rules", lang), no_args_is_help=True, cls=group)
    add(app, "demo", _demo(lang))
    add(app, "init", _init(lang))
    add(app, "check", _check(lang))
    add(app, "identify", _identify(lang))
    options = _project_argument(lang), _as_of_option(lang), _lang_option(lang)
    add(app, "idle", idle_command(lang, *options))
    add(app, "explain", _explain(lang))
    add(app, "compare", _compare(lang))
    for name, function in _rules(lang).items():
        add(rules, name, function)
    app.add_typer(rules, name="rules")
    app.callback()(_version(lang))


def _lang_option(lang: Lang) -> OptionInfo:
    option: OptionInfo = typer.Option("--lang", help=text("cli.option_lang", lang), metavar="zh|en")
    return option


def _project_argument(lang: Lang) -> ArgumentInfo:
    argument: ArgumentInfo = typer.Argument(
        help=text("cli.argument_project", lang), metavar="PROJECT.TOML"
    )
    return argument


def _as_of_option(lang: Lang) -> OptionInfo:
    option: OptionInfo = typer.Option(
        "--as-of",
        help=text("cli.option_as_of", lang),
        formats=["%Y-%m-%d"],
        metavar="YYYY-MM-DD",
    )
    return option


def _engine_option(name: str, lang: Lang, metavar: str, **more: Any) -> Any:  # noqa: ANN401
    words = text(f"engines.option_{name.replace('-', '_')}", lang)
    return typer.Option(f"--{name}", help=words, metavar=metavar, **more)


def _engine_flag(name: str, lang: Lang) -> Any:  # noqa: ANN401
    return typer.Option(f"--{name}", help=text(f"engines.option_{name}", lang))


def _version(lang: Lang) -> Callable[..., None]:
    def version(
        version: Annotated[  # noqa: ARG001 - answered before the application is built
            bool, typer.Option("--version", help=text("cli.option_version", lang))
        ] = False,
        language: Annotated[str, _lang_option(lang)] = lang,
    ) -> None:
        screen.known_language(language, lang)

    return version


def _demo(lang: Lang) -> Callable[..., int]:
    def demo(
        folder: Annotated[
            Path, typer.Argument(help=text("cli.argument_demo", lang), metavar="FOLDER")
        ] = Path("landuse-demo"),
        language: Annotated[str, _lang_option(lang)] = lang,
    ) -> int:
        screen.known_language(language, lang)
        from landuse.pipeline.demo import copy_sample
        from landuse.pipeline.identify import identify

        project = copy_sample(folder)
        with screen.steps(lang) as progress:
            run = identify(project, lang=lang, progress=progress)
        screen.show_run(run, lang)
        from landuse.cli.ledger_found import show_sample_ledger

        show_sample_ledger(project, run.folder, lang)
        return 0

    return demo


def _init(lang: Lang) -> Callable[..., int]:
    def init(
        folder: Annotated[
            Path, typer.Argument(help=text("cli.argument_folder", lang), metavar="DIR")
        ],
        parcels: Annotated[
            Path, typer.Argument(help=text("cli.argument_parcels", lang), metavar="PARCELS")
        ],
        tables: Annotated[
            list[Path],
            typer.Argument(help=text("cli.argument_tables", lang), metavar="ENTERPRISES..."),
        ],
        language: Annotated[str, _lang_option(lang)] = lang,
    ) -> int:
        screen.known_language(language, lang)
        from landuse.pipeline.init import init_project

        screen.show_init(init_project(folder, parcels, tables, lang=lang), lang)
        return 0

    return init


def _check(lang: Lang) -> Callable[..., int]:
    def check(
        project: Annotated[Path, _project_argument(lang)],
        out: Annotated[
            Path | None, typer.Option("--out", help=text("cli.option_issues", lang), metavar="FILE")
        ] = None,
        as_of: Annotated[datetime | None, _as_of_option(lang)] = None,
        language: Annotated[str, _lang_option(lang)] = lang,
    ) -> int:
        screen.known_language(language, lang)
        from landuse.pipeline.check import check as run_check

        checked = run_check(project, out=out, as_of=as_of.date() if as_of else None, lang=lang)
        screen.show_check(checked, lang)
        return 2 if checked.log.errors() else 0

    return check


def _identify(lang: Lang) -> Callable[..., int]:
    def identify(
        project: Annotated[Path, _project_argument(lang)],
        out: Annotated[
            Path | None, typer.Option("--out", help=text("cli.option_out", lang), metavar="DIR")
        ] = None,
        as_of: Annotated[datetime | None, _as_of_option(lang)] = None,
        engine: Annotated[str, _engine_option("engine", lang, "local|dask")] = "",
        part_rows: Annotated[int | None, _engine_option("part-rows", lang, "N", min=1)] = None,
        work: Annotated[str | None, _engine_option("work", lang, "DIR|URL")] = None,
        workers: Annotated[int | None, _engine_option("workers", lang, "N", min=1)] = None,
        worker_memory: Annotated[str | None, _engine_option("worker-memory", lang, "2GiB")] = None,
        scheduler: Annotated[str | None, _engine_option("scheduler", lang, "tcp://…")] = None,
        timings: Annotated[Path | None, _engine_option("timings", lang, "FILE")] = None,
        partitioned: Annotated[bool, _engine_flag("partitioned", lang)] = False,
        memory: Annotated[str | None, _engine_option("memory", lang, "4GiB")] = None,
        language: Annotated[str, _lang_option(lang)] = lang,
    ) -> int:
        screen.known_language(language, lang)
        chosen = (
            engine, part_rows, work, workers, worker_memory, scheduler, timings, partitioned,
            memory,
        )  # fmt: skip
        if any(value not in ("", None, False) for value in chosen):
            from landuse.cli.partition_commands import Engine, identify_with

            wish = Engine(*chosen)
            wish.check()
            return identify_with(wish, project, out, as_of.date() if as_of else None, lang)
        from landuse.pipeline.identify import identify as run_identify

        with screen.steps(lang) as progress:
            run = run_identify(
                project,
                out=out,
                as_of=as_of.date() if as_of else None,
                lang=lang,
                progress=progress,
            )
        screen.show_run(run, lang)
        return 0

    return identify


def _explain(lang: Lang) -> Callable[..., int]:
    def explain(
        run: Annotated[Path, typer.Argument(help=text("cli.argument_run", lang), metavar="RUN")],
        key: Annotated[
            str, typer.Argument(help=text("cli.argument_key", lang), metavar="USCC|PARCEL_ID")
        ],
        as_json: Annotated[
            bool, typer.Option("--json", help=text("cli.option_json", lang))
        ] = False,
        language: Annotated[str, _lang_option(lang)] = lang,
    ) -> int:
        screen.known_language(language, lang)
        from landuse.publish.explain import explain as trace

        screen.show_explanation(trace(run, key, lang), as_json=as_json)
        return 0

    return explain


def _compare(lang: Lang) -> Callable[..., int]:
    def compare(
        first: Annotated[Path, typer.Argument(help=text("cli.argument_run", lang), metavar="RUN1")],
        second: Annotated[
            Path, typer.Argument(help=text("cli.argument_run", lang), metavar="RUN2")
        ],
        as_json: Annotated[
            bool, typer.Option("--json", help=text("cli.option_json", lang))
        ] = False,
        language: Annotated[str, _lang_option(lang)] = lang,
    ) -> int:
        screen.known_language(language, lang)
        from landuse.publish.compare import compare as find_moves

        screen.show_comparison(find_moves(first, second), lang, as_json=as_json)
        return 0

    return compare


def _rules(lang: Lang) -> dict[str, Callable[..., int]]:
    day = Annotated[datetime | None, _as_of_option(lang)]
    pack = Annotated[str, typer.Argument(help=text("cli.argument_pack", lang), metavar="NAME")]

    def rules_list(language: Annotated[str, _lang_option(lang)] = lang) -> int:
        screen.known_language(language, lang)
        screen.show_packs(lang)
        return 0

    def rules_show(
        name: pack, as_of: day = None, language: Annotated[str, _lang_option(lang)] = lang
    ) -> int:
        screen.known_language(language, lang)
        screen.show_pack(name, as_of.date() if as_of else None, lang)
        return 0

    def rules_diff(
        first: pack,
        second: pack,
        as_of: day = None,
        language: Annotated[str, _lang_option(lang)] = lang,
    ) -> int:
        screen.known_language(language, lang)
        screen.show_pack_difference(first, second, as_of.date() if as_of else None, lang)
        return 0

    return {"list": rules_list, "show": rules_show, "diff": rules_diff}
