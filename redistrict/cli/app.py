"""The command line: commands, exit codes, all printing; heavy modules load inside commands."""

import importlib.util
import io
import json
import logging
import math
import os
import sys
import webbrowser
from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, Protocol

import typer

from redistrict.cli import help_texts
from redistrict.cli.console import (
    EchoHandler,
    print_json,
    print_table,
    printable,
    progress_shown,
    say,
    system_language,
)
from redistrict.cli.refusals import Commands
from redistrict.cli.signals import INTERRUPTED, heeding
from redistrict.cli.spoken import SpokenCommand, SpokenGroup
from redistrict.errors import RedistrictError
from redistrict.messages import NOTHING, Language, Message, name_some
from redistrict.paths import is_folder
from redistrict.version import __version__

if TYPE_CHECKING:
    from redistrict.jobs.check import CheckReport
    from redistrict.scenario import Scenario


_NO_REVIEW = Message(
    'The review needs two more libraries: python -m pip install "redistrict[review]"',
    '会商页面需要另外两个程序库：python -m pip install "redistrict[review]"',
)
_NO_ENSEMBLE = Message(
    'Ensembles need one more library: python -m pip install "redistrict[ensemble]"',
    '随机方案集合需要另一个程序库：python -m pip install "redistrict[ensemble]"',
)
_READING = Message("Reading the result and its data", "读取成果及其数据")
_REVIEWING = Message(
    "Open this address on this machine; it works until Ctrl-C, and every change is kept.",
    "请在本机打开以上地址；按 Ctrl-C 结束，所有修改均已保存。",
)


_SERVING = Message(
    "Give this address to --cluster, in another window; it works until Ctrl-C.",
    "请在另一窗口把以上地址交给 --cluster；按 Ctrl-C 结束。",
)
_MOST_LINES = 50
_EXPORTING = Message(
    "The result is still being written; this ends when it is there.", "成果仍在输出，写完后自动结束，请稍候。"
)


class _Found(Protocol):
    """What a job tells of several plans."""

    def table(self, language: Language) -> tuple[tuple[Message, ...], list[tuple[str, ...]]]: ...
    def messages(self) -> tuple[Message, ...]: ...


class _LanguageChoice(StrEnum):
    ZH = "zh"
    EN = "en"
    BOTH = "both"


class _OneLanguage(StrEnum):
    ZH = "zh"
    EN = "en"


app = typer.Typer(
    cls=Commands,
    help=help_texts.REDISTRICT,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_cluster_app = typer.Typer(cls=SpokenGroup, help=help_texts.CLUSTER, no_args_is_help=True, rich_markup_mode=None)
app.add_typer(_cluster_app, name="cluster")

_ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file (YAML). 方案文件。")]
_Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one value: communities.count=12. 改一个值，可重复。"),
]
_Cluster = Annotated[
    str | None,
    typer.Option("--cluster", metavar="ADDRESS", help="Let a Dask scheduler's workers do the tasks. 交由集群计算。"),
]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON to standard output. 以 JSON 输出。")]


def run_command_line() -> None:
    """Let streams take any text, and run the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
    app()


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"redistrict {__version__}")
        raise typer.Exit


def _refuse_nan(value: float) -> float:
    """Refuse what is no number, and so above every least and below every most."""
    if math.isnan(value):
        raise typer.BadParameter("nan")
    return value


@app.callback()
def _settings(
    ctx: typer.Context,
    language: Annotated[
        _LanguageChoice | None,
        typer.Option(
            envvar="REDISTRICT_LANGUAGE", help="Language of messages; default: that of the system. 提示语言。"
        ),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Say what is read and done, and how long it takes. 显示读取与计算细节。")
    ] = False,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version. 版本。"),
    ] = False,
) -> None:
    ctx.obj = language.value if language else system_language()
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[EchoHandler()])
    logging.getLogger("redistrict").setLevel(logging.INFO if verbose else logging.WARNING)


@app.command(cls=SpokenCommand, help=help_texts.RUN)
def run(
    ctx: typer.Context,
    scenario: _ScenarioFile,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Result folder; default results/NAME. 成果文件夹。")
    ] = None,
    changes: _Set = None,
    time_limit: Annotated[float | None, typer.Option(metavar="S", help="Seconds at most. 最长用时（秒）。")] = None,
    seed: Annotated[int | None, typer.Option(help="Random seed: same seed, same plan. 随机种子。")] = None,
    start: Annotated[
        Path | None,
        typer.Option(metavar="PLAN", help="Start from a plan: a result folder or a plan.csv. 以已有方案为起点。"),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the folder. 覆盖已有成果。")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check; write nothing. 只检查，不输出。")] = False,
    cluster: _Cluster = None,
) -> None:
    """Make the plan and write it to a result folder."""
    question = _load(scenario, [*(changes or ()), *_given(time_limit, seed, start)])
    folder = out or Path("results") / question.name
    _foretell_fonts(question.output.language, ctx.obj)
    if dry_run:
        _rehearse(question, folder, ctx.obj, overwrite=overwrite)
    from redistrict.jobs.cluster import clustered
    from redistrict.jobs.run import run as make_plan

    with progress_shown(ctx.obj) as show, clustered(cluster):
        result = make_plan(question, out=folder, overwrite=overwrite, on_progress=heeding(show))
    for message in (*result.notes, *result.messages()):
        say(message, ctx.obj)
    typer.echo(printable(str(folder)))
    if result.to_json()["stopped_by"] == "interrupt":
        raise typer.Exit(INTERRUPTED)


@app.command(cls=SpokenCommand, help=help_texts.CHECK)
def check(
    ctx: typer.Context,
    scenario: _ScenarioFile,
    changes: _Set = None,
    as_json: _Json = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the findings with a map. 输出带地图的检查结果。")
    ] = None,
) -> None:
    """Do everything short of solving."""
    question = _load(scenario, changes or ())
    _foretell_fonts(question.output.language, ctx.obj)
    if as_json or html is not None:
        from redistrict.jobs.findings import examine

        examined = examine(question, page=html, language=ctx.obj)
        if as_json:
            print_json(examined.to_json())
        report = examined.report()
    else:
        report = _check(question)
    if not as_json:
        _print_check(report, ctx.obj)
    raise typer.Exit(0 if report.ok else 4)


@app.command(cls=SpokenCommand, help=help_texts.VERIFY)
def verify(
    ctx: typer.Context,
    result_dir: Annotated[Path, typer.Argument(metavar="RESULT_DIR", help="Result folder. 成果文件夹。")],
    scenario: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Judge by this scenario instead. 改用此方案核验。")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Public key of who must have signed. 应签名者的公钥。")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the data lie now. 数据现在所在的文件夹。")
    ] = None,
    as_json: _Json = False,
) -> None:
    """Judge a result folder again."""
    question = _load(scenario, ()) if scenario else None
    from redistrict.jobs.verify import verify as judge

    verdict = judge(result_dir, scenario=question, key=key, data=data)
    if as_json:
        violations = [{**vars(one), "message": one.message._asdict()} for one in verdict.violations]
        found = {"ok": verdict.ok, "exceptions": list(verdict.exceptions), "violations": violations}
        told = {name: [one._asdict() for one in getattr(verdict, name)] for name in ("notes", "not_checked")}
        print_json(found | told | {"not_compared": list(verdict.not_compared)})
    else:
        if verdict.ok:
            rest = (
                Message("; what was not checked stands below", "；未核验的内容见下") if verdict.not_checked else NOTHING
            )
            if n := len(verdict.not_compared):
                rest = Message(f", but {n} files could not be compared", f"，但有 {n} 个文件无法比对") + rest
            say(Message("ok: no rule is broken", "通过：未发现违反规则之处") + rest, ctx.obj, err=False)
        for violation in verdict.violations:
            label = Message(f"{violation.rule}: {violation.message.en}", f"{violation.rule}：{violation.message.zh}")
            say(label, ctx.obj, err=False)
        if verdict.exceptions:
            named, n = name_some(verdict.exceptions), len(verdict.exceptions)
            freed = Message(
                f"{n} communities lie outside the bounds as named exceptions: {named.en}",
                f"{n} 个社区作为已列明的例外超出规模限制：{named.zh}",
            )
            say(freed, ctx.obj, err=False)
        _list_some(Message("note: ", "说明："), verdict.notes, ctx.obj)
        _list_some(Message("not checked: ", "未核验："), verdict.not_checked, ctx.obj)
    raise typer.Exit(0 if verdict.ok else 1)


@app.command(cls=SpokenCommand, help=help_texts.HEAL)
def heal(
    ctx: typer.Context,
    result_dir: Annotated[Path, typer.Argument(metavar="RESULT_DIR", help="Result folder. 成果文件夹。")],
    pins: Annotated[Path, typer.Option(metavar="FILE", help="What is asked of the plan (YAML). 固定要求文件。")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Result folder; default RESULT_DIR-healed. 成果文件夹。")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the folder. 覆盖已有成果。")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would move; write nothing. 只说明变动，不输出。")
    ] = False,
    as_json: _Json = False,
) -> None:
    """Change a finished plan as pins ask, and repair it."""
    from redistrict.scenario.pins import load_pins

    asked = load_pins(pins)
    _foretell_fonts(result_dir, ctx.obj)
    from redistrict.jobs.heal import heal as repair

    folder = out or result_dir.with_name(f"{result_dir.resolve().name}-healed")
    with progress_shown(ctx.obj) as show:
        healing = repair(
            result_dir, asked, out=None if dry_run else folder, overwrite=overwrite, on_progress=heeding(show)
        )
    if as_json:
        print_json(healing.to_json())
        return
    print_table(*healing.table(), ctx.obj)
    for message in healing.messages():
        say(message, ctx.obj)
    if not dry_run:
        typer.echo(printable(str(folder)))


@app.command(cls=SpokenCommand, help=help_texts.GRIDS)
def grids(
    ctx: typer.Context,
    result_dir: Annotated[Path, typer.Argument(metavar="RESULT_DIR", help="Result folder. 成果文件夹。")],
    rules: Annotated[
        Path | None,
        typer.Option("--grids", metavar="FILE", help="The section `grids` (YAML); default: the result's. 网格要求。"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Result folder; default RESULT_DIR-grids. 成果文件夹。")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the folder. 覆盖已有成果。")] = False,
) -> None:
    """Divide the communities of a finished plan into grids."""
    from redistrict.scenario.grids_file import load_grids

    asked = load_grids(rules) if rules else None
    _foretell_fonts(result_dir, ctx.obj)
    from redistrict.jobs.grids import make_grids

    folder = out or result_dir.with_name(f"{result_dir.resolve().name}-grids")
    report = make_grids(result_dir, asked, out=folder, overwrite=overwrite)
    for message in report.grids.notes() if report.grids else ():
        say(message, ctx.obj)
    typer.echo(printable(str(folder)))


@app.command(cls=SpokenCommand, help=help_texts.REVIEW)
def review(
    ctx: typer.Context,
    result_dir: Annotated[Path, typer.Argument(metavar="RESULT_DIR", help="Result folder. 成果文件夹。")],
    port: Annotated[
        int, typer.Option(min=0, max=65_535, metavar="N", help="Port; default any that is free. 端口，默认自动选用。")
    ] = 0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only print the address. 只显示地址，不打开浏览器。")
    ] = False,
    opinions: Annotated[
        Path | None, typer.Option(metavar="FILE", help="opinions.xlsx of `notice`, filled in. 已填写的意见登记表。")
    ] = None,
) -> None:
    """Serve a finished plan as a page to change it on."""
    if importlib.util.find_spec("starlette") is None or importlib.util.find_spec("uvicorn") is None:
        raise RedistrictError(_NO_REVIEW)
    from redistrict.review.server import serve_review

    def tell(address: str, _: object) -> None:
        typer.echo(address)
        say(_REVIEWING, ctx.obj)
        if not no_browser:
            webbrowser.open(address)

    say(_READING, ctx.obj)
    wait = partial(say, _EXPORTING, ctx.obj)
    serve_review(result_dir, port=port, opinions=opinions, on_ready=tell, on_wait=wait)


@app.command(cls=SpokenCommand, help=help_texts.KEYS)
def keys(
    ctx: typer.Context,
    secret: Annotated[
        Path, typer.Argument(metavar="FILE", help="Secret key to make; never replaced. 新建的私钥文件。")
    ],
) -> None:
    """Make a pair of keys to sign with."""
    from redistrict.jobs.sign import make_keys

    public = make_keys(secret, _ask_passphrase(ctx.obj, confirm=True))
    told = Message(
        f"{secret} is the secret key: keep it to yourself. {public} is for whoever checks (verify --key).",
        f"{secret} 是私钥，请妥善保管；{public} 是公钥，交给核验者使用（verify --key）。",
    )
    say(told, ctx.obj)


@app.command(cls=SpokenCommand, help=help_texts.SIGN)
def sign(
    ctx: typer.Context,
    result_dir: Annotated[Path, typer.Argument(metavar="RESULT_DIR", help="Result folder. 成果文件夹。")],
    key: Annotated[Path, typer.Option(metavar="FILE", help="Secret key, as `keys` makes it. 私钥文件。")],
    name: Annotated[str | None, typer.Option(help="Who signs; default user@machine. 签名者。")] = None,
) -> None:
    """Judge a result again and sign it."""
    from redistrict.jobs.sign import sign as put_name_to

    signature, verdict = put_name_to(result_dir, key=key, ask=lambda: _ask_passphrase(ctx.obj), name=name)
    for what in verdict.not_checked:
        say(Message("not checked: ", "未核验：") + what, ctx.obj)
    typer.echo(printable(str(signature)))


@app.command(cls=SpokenCommand, help=help_texts.PACK)
def pack(
    ctx: typer.Context,
    result_dir: Annotated[Path, typer.Argument(metavar="RESULT_DIR", help="Result folder. 成果文件夹。")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the pack; default RESULT_DIR/pack. 输出文件夹。")
    ] = None,
    only: Annotated[
        _OneLanguage | None, typer.Option(help="One language; default output.language. 只用一种语言。")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the pack. 覆盖已有材料。")] = False,
) -> None:
    """Make the approval pack of a result."""
    _foretell_fonts(only.value if only else result_dir, ctx.obj)
    from redistrict.jobs.pack import make_pack

    folder = out or result_dir / "pack"
    for note in make_pack(result_dir, out=folder, only=only.value if only else None, overwrite=overwrite):
        say(note, ctx.obj)
    typer.echo(printable(str(folder)))


@app.command(cls=SpokenCommand, help=help_texts.NOTICE)
def notice(
    result_dir: Annotated[Path, typer.Argument(metavar="RESULT_DIR", help="Result folder. 成果文件夹。")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the notice; default RESULT_DIR/notice. 输出文件夹。")
    ] = None,
    changes: _Set = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the notice. 覆盖已有材料。")] = False,
) -> None:
    """Make the public notice of a result."""
    from redistrict.jobs.notice import make_notice

    folder = out or result_dir / "notice"
    make_notice(result_dir, out=folder, overrides=changes or (), overwrite=overwrite)
    typer.echo(printable(str(folder)))


@app.command(cls=SpokenCommand, help=help_texts.COMPARE)
def compare(
    ctx: typer.Context,
    results: Annotated[list[str], typer.Argument(metavar="RESULT...", help="Result folders, or today. 成果或 today。")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Write files there. 输出文件夹。")] = Path("results/compare"),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the folder. 覆盖已有成果。")] = False,
) -> None:
    """Compare plans with each other, or with today's communities."""
    from redistrict.jobs.compare import compare as compare_plans

    comparison = compare_plans(results, out=out, overwrite=overwrite)
    print_table(*comparison.table(ctx.obj), ctx.obj)
    for message in comparison.messages():
        say(message, ctx.obj)
    typer.echo(printable(str(out)))


@app.command(cls=SpokenCommand, help=help_texts.ALTERNATIVES)
def alternatives(
    ctx: typer.Context,
    scenario: _ScenarioFile,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder; default results/NAME-alternatives. 输出文件夹。")
    ] = None,
    count: Annotated[int, typer.Option(min=2, max=20, help="How many plans. 方案个数。")] = 5,
    apart: Annotated[
        float,
        typer.Option(
            min=0.001, max=1, callback=_refuse_nan, help="Least share of residents any two differ by. 两两差异下限。"
        ),
    ] = 0.1,
    dearer: Annotated[
        float,
        typer.Option(
            min=0, max=10, callback=_refuse_nan, help="Largest share a plan costs more than the first. 代价增幅上限。"
        ),
    ] = 0.05,
    changes: _Set = None,
    time_limit: Annotated[
        float | None, typer.Option(metavar="S", help="Seconds for the first, and for the others. 用时上限（秒）。")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Random seed: same seed, same plans. 随机种子。")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the folder. 覆盖已有成果。")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check; write nothing. 只检查，不输出。")] = False,
    cluster: _Cluster = None,
) -> None:
    """Make plans that differ from each other, to choose between."""
    question = _load(scenario, [*(changes or ()), *_given(time_limit, seed)])
    folder = out or Path("results") / f"{question.name}-alternatives"
    _foretell_fonts(question.output.language, ctx.obj)
    if dry_run:
        _rehearse(question, folder, ctx.obj, overwrite=overwrite)
    from redistrict.jobs.alternatives import Wish, make_alternatives
    from redistrict.jobs.cluster import clustered

    with progress_shown(ctx.obj) as show, clustered(cluster):
        wish = Wish(count, apart, dearer)
        found = make_alternatives(question, wish, out=folder, overwrite=overwrite, on_progress=heeding(show))
    _print_found(found, folder, ctx.obj)
    if found.stopped.value == "interrupt":
        raise typer.Exit(INTERRUPTED)


@app.command(cls=SpokenCommand, help=help_texts.FRONT)
def front(
    ctx: typer.Context,
    scenario: _ScenarioFile,
    of: Annotated[
        str, typer.Option("--of", metavar="A,B,...", help="Measures, one of them cost or crossing. 指标。")
    ] = "cost,moved",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder; default results/NAME-front. 输出文件夹。")
    ] = None,
    count: Annotated[int, typer.Option(min=2, max=60, help="How many plans at most. 方案个数上限。")] = 15,
    changes: _Set = None,
    time_limit: Annotated[
        float | None, typer.Option(metavar="S", help="Seconds for the first plan, and for the rest. 用时上限（秒）。")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Random seed: same seed, same plans. 随机种子。")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the folder. 覆盖已有成果。")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check; write nothing. 只检查，不输出。")] = False,
    cluster: _Cluster = None,
) -> None:
    """Find what a little less of one measure costs in another."""
    from redistrict.jobs.cluster import clustered
    from redistrict.jobs.front import make_front, read_measures

    question, measures = _load(scenario, [*(changes or ()), *_given(time_limit, seed)]), read_measures(of)
    folder = out or Path("results") / f"{question.name}-front"
    _foretell_fonts(question.output.language, ctx.obj)
    if dry_run:
        _rehearse(question, folder, ctx.obj, overwrite=overwrite)
    with progress_shown(ctx.obj) as show, clustered(cluster):
        found = make_front(question, measures, count, out=folder, overwrite=overwrite, on_progress=heeding(show))
    _print_found(found, folder, ctx.obj)
    if found.stopped.value == "interrupt":
        raise typer.Exit(INTERRUPTED)


@app.command(cls=SpokenCommand, help=help_texts.ENSEMBLE)
def ensemble(
    ctx: typer.Context,
    scenario: _ScenarioFile,
    plans: Annotated[int, typer.Option(min=100, max=1_000_000, help="Plans to draw. 抽取方案数。")] = 10_000,
    chains: Annotated[int, typer.Option(min=2, max=64, help="Chains that draw them. 链数。")] = 4,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder; default results/NAME-ensemble. 输出文件夹。")
    ] = None,
    changes: _Set = None,
    time_limit: Annotated[
        float | None, typer.Option(metavar="S", help="Seconds for the plan, and for drawing. 用时上限（秒）。")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Random seed: same seed, same plans. 随机种子。")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the folder. 覆盖已有成果。")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check; write nothing. 只检查，不输出。")] = False,
    cluster: _Cluster = None,
) -> None:
    """Draw valid plans at random, and see where the best one stands."""
    if importlib.util.find_spec("arviz_stats") is None:
        raise RedistrictError(_NO_ENSEMBLE)
    from redistrict.jobs.cluster import clustered
    from redistrict.jobs.ensemble import make_ensemble

    question = _load(scenario, [*(changes or ()), *_given(time_limit, seed)])
    folder = out or Path("results") / f"{question.name}-ensemble"
    _foretell_fonts(question.output.language, ctx.obj)
    if dry_run:
        _rehearse(question, folder, ctx.obj, overwrite=overwrite)
    with progress_shown(ctx.obj) as show, clustered(cluster):
        found = make_ensemble(question, plans, chains, out=folder, overwrite=overwrite, on_progress=heeding(show))
    _print_found(found, folder, ctx.obj)


@_cluster_app.command("local", cls=SpokenCommand, help=help_texts.CLUSTER_LOCAL)
def cluster_local(
    ctx: typer.Context,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=1024, help="Processes; default one a processor. 进程数，默认每个处理器一个。"),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the scheduler; 0: any that is free. 端口，0 为任选。")
    ] = 0,
) -> None:
    """Serve a scheduler and workers on this machine."""
    from redistrict.jobs.cluster import serve_local

    def tell(address: str) -> None:
        typer.echo(address)
        say(_SERVING, ctx.obj)

    serve_local(workers or os.cpu_count() or 1, port, tell)


@app.command(cls=SpokenCommand, help=help_texts.SWEEP)
def sweep(
    ctx: typer.Context,
    scenario: _ScenarioFile,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder; default results/NAME-sweep. 输出文件夹。")
    ] = None,
    changes: _Set = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace points of other questions. 覆盖不同问题的成果。")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the points and what is there; solve nothing. 只列出各点，不求解。")
    ] = False,
    cluster: _Cluster = None,
) -> None:
    """Solve a scenario for many values of its keys."""
    from redistrict.scenario.points import load_points

    points = load_points(scenario, overrides=changes or ())
    folder = out or Path("results") / f"{points[0].scenario.name}-sweep"
    _foretell_fonts(points[0].scenario.output.language, ctx.obj)
    if dry_run:
        from redistrict.jobs.sweep_points import foresee_sweep

        print_table(*foresee_sweep(points, folder).table(ctx.obj), ctx.obj)
        return
    from redistrict.jobs.cluster import clustered
    from redistrict.jobs.sweep import make_sweep

    with progress_shown(ctx.obj) as show, clustered(cluster):
        found = make_sweep(points, out=folder, overwrite=overwrite, on_progress=heeding(show))
    _print_found(found, folder, ctx.obj)
    raise typer.Exit(found.exit_code)


@app.command(cls=SpokenCommand, help=help_texts.PROVINCE)
def province(
    ctx: typer.Context,
    scenario: _ScenarioFile,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder; default results/NAME-province. 输出文件夹。")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=256, help="Processes; default one a processor. 进程数，默认每个处理器一个。"),
    ] = None,
    changes: _Set = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace results of other questions. 覆盖不同问题的成果。")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the districts; write nothing. 只列出各区县，不求解。")
    ] = False,
) -> None:
    """Solve every district of a scenario by itself."""
    from redistrict.jobs.province import foresee_province, make_province

    question = _load(scenario, changes or ())
    folder = out or Path("results") / f"{question.name}-province"
    _foretell_fonts(question.output.language, ctx.obj)
    if dry_run:
        print_table(*foresee_province(question).table(ctx.obj), ctx.obj)
        return
    with progress_shown(ctx.obj) as show:
        found = make_province(question, out=folder, workers=workers, overwrite=overwrite, on_progress=heeding(show))
    _print_found(found, folder, ctx.obj)
    raise typer.Exit(found.exit_code)


@app.command(cls=SpokenCommand, help=help_texts.DIAGNOSE)
def diagnose(
    ctx: typer.Context,
    scenario: _ScenarioFile,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write files there. 输出文件夹。")] = None,
    changes: _Set = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the folder. 覆盖已有成果。")] = False,
    as_json: _Json = False,
) -> None:
    """Look at today's communities."""
    from redistrict.jobs.diagnose import diagnose as look_at_today

    question = _load(scenario, changes or ())
    if out is not None:
        _foretell_fonts(question.output.language, ctx.obj)
    report = look_at_today(question, out=out, overwrite=overwrite)
    if as_json:
        print_json(report.to_json())
        return
    for title, headers, rows in report.tables():
        say(title, ctx.obj, err=False)
        print_table(headers, rows, ctx.obj)
    for message in report.messages():
        say(message, ctx.obj)


@app.command(cls=SpokenCommand, help=help_texts.SCHEMA)
def schema() -> None:
    """Print the JSON schema of scenario files."""
    from redistrict.scenario import scenario_schema

    print_json(scenario_schema())


@app.command(cls=SpokenCommand, help=help_texts.DOCTOR)
def doctor(
    ctx: typer.Context,
    scenario: Annotated[
        Path | None, typer.Argument(metavar="[SCENARIO]", help="Look at its files too. 同时检查其数据文件。")
    ] = None,
) -> None:
    """Say what this machine, and a scenario's files, look like."""
    from redistrict.jobs.doctor import examine_data, examine_machine

    facts = examine_machine(Path.cwd())
    if scenario:
        facts += examine_data(_load(scenario, ()))
    marks = {True: Message("ok", "正常"), False: Message("PROBLEM", "问题")}
    headers = (Message("check", "项目"), Message("found", "结果"), Message("state", "状态"))
    print_table(
        headers,
        [tuple(cell.in_language(ctx.obj) for cell in (fact.name, fact.value, marks[fact.ok])) for fact in facts],
        ctx.obj,
    )
    raise typer.Exit(0 if all(fact.ok for fact in facts) else 3)


@app.command(cls=SpokenCommand, help=help_texts.BENCH)
def bench(
    ctx: typer.Context,
    cases: Annotated[list[str] | None, typer.Argument(metavar="[CASE]...", help="Default: all. 默认全部。")] = None,
    folder: Annotated[Path, typer.Option("--cases", metavar="DIR", help="Folder of the cases. 案例文件夹。")] = Path(
        "tests/bench/cases"
    ),
    only_list: Annotated[bool, typer.Option("--list", help="List the cases; run nothing. 只列出案例。")] = False,
    time_s: Annotated[float | None, typer.Option(metavar="S", help="Seconds for our search. 本方用时（秒）。")] = None,
    peers: Annotated[
        str, typer.Option(metavar="NAME,...", help="Whom to compare with; '' for nobody. 对手程序，可为空。")
    ] = "metis,kahip,kaminpar,bursts,tilted,spopt",
    out: Annotated[Path, typer.Option(metavar="DIR", help="Results folder. 结果文件夹。")] = Path("results/bench"),
    export: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the cases as JSON for any program; run nothing. 导出算例（JSON）。"),
    ] = None,
    check_dir: Annotated[
        Path | None,
        typer.Option("--check", metavar="DIR", help="Judge the answers of any program there. 核对各程序的答案。"),
    ] = None,
) -> None:
    """Compare with other programs."""
    from redistrict.bench.record import CASE_HEADERS, SCORE_HEADERS, case_rows, find_messages, score_rows
    from redistrict.bench.run import choose_cases, run_benchmarks

    if export is not None:
        from redistrict.bench.export import export_instances

        export_instances(folder, cases or (), export, lambda message: say(message, ctx.obj))
        typer.echo(printable(str(export)))
        return
    if check_dir is not None:
        _check_answers(check_dir, ctx.obj)
        return
    if only_list:
        headers = (Message("case", "案例"), Message("seconds", "用时（秒）"), Message("best known", "最好纪录"))
        listed = choose_cases(folder, cases or ())
        rows = [(name, f"{case.time_s:g}", str(case.best_known or "")) for name, case in listed.items()]
        print_table(headers, rows, ctx.obj)
        return
    names = [name for name in peers.split(",") if name]
    outcomes = run_benchmarks(
        folder, cases or (), peers=names, time_s=time_s, out=out, tell=lambda message: say(message, ctx.obj)
    )
    print_table(SCORE_HEADERS, score_rows(outcomes), ctx.obj)
    print_table(CASE_HEADERS, case_rows(outcomes), ctx.obj)
    for message in find_messages(outcomes):
        say(message, ctx.obj)
    typer.echo(printable(str(out)))


# --- shared by commands ---------------------------------------------------------------------------------


def _check_answers(folder: Path, language: Language) -> None:
    """Judge the answers in an exported folder, and say what came of it."""
    from redistrict.bench import contest

    found = contest.check_answers(folder)
    print_table(contest.ANSWER_HEADERS, _in_language(contest.list_answers(found), language), language)
    print_table(contest.STANDING_HEADERS, _in_language(contest.list_standings(found), language), language)
    for message in (*(Message(*said) for said in found.refused), *contest.list_records(found)):
        say(message, language)
    typer.echo(printable(str(folder / contest.PAGE)))
    raise typer.Exit(0 if contest.is_clean(found) else 1)


def _in_language(rows: Sequence[Sequence[Message]], language: Language) -> list[tuple[str, ...]]:
    return [tuple(cell.in_language(language) for cell in row) for row in rows]


def _load(path: Path, overrides: Sequence[str]) -> "Scenario":
    from redistrict.scenario import load_scenario

    return load_scenario(path, overrides=overrides)


def _foretell_fonts(of: Path | Language, language: Language) -> None:
    """Say in the first line that what is drawn, in a language or as a result asks, lacks a font; else nothing."""
    from redistrict.jobs.fonts import foretell_fonts, foretell_fonts_of

    for message in foretell_fonts_of(of) if isinstance(of, Path) else foretell_fonts(of):
        say(message, language)


def _ask_passphrase(language: Language, *, confirm: bool = False) -> str:
    """Take the passphrase of a key from the environment, else ask for it."""
    if (given := os.environ.get("REDISTRICT_PASSPHRASE")) is not None:
        return given
    asked = Message("Passphrase of the key (empty: none)", "私钥口令（可留空）").in_language(language)
    return str(typer.prompt(asked, default="", hide_input=True, confirmation_prompt=confirm, show_default=False))


def _given(time_limit: float | None, seed: int | None, start: Path | None = None) -> list[str]:
    """Give what options stand for as changes of the scenario."""
    shorthands = {"solve.time_limit_s": time_limit, "solve.seed": seed, "data.start.path": _plan_file(start)}
    return [f"{key}={value}" for key, value in shorthands.items() if value is not None]


def _rehearse(scenario: "Scenario", folder: Path, language: Language, *, overwrite: bool) -> NoReturn:
    """Only check the scenario, and say where its results would go."""
    report = _check(scenario)
    _print_check(report, language)
    _check_destination(scenario, folder, overwrite=overwrite)
    say(_destination(folder), language)
    raise typer.Exit(0 if report.ok else 4)


def _print_found(found: _Found, folder: Path, language: Language) -> None:
    """Print what came of several plans: the table, sentences, and where the files are."""
    print_table(*found.table(language), language)
    for message in found.messages():
        say(message, language)
    typer.echo(printable(str(folder)))


def _list_some(label: Message, found: Sequence[Message], language: Language) -> None:
    """Print sentences with what they are; of the hundreds that a province gives, the first and how many there are."""
    for one in found[:_MOST_LINES]:
        say(label + one, language, err=False)
    if (n := len(found) - _MOST_LINES) > 0:
        say(label + Message(f"{n} more; --json lists all", f"另有 {n} 条；--json 列出全部"), language, err=False)


def _plan_file(start: Path | None) -> str | None:
    """Give the file that holds a plan, as a value of the scenario."""
    if start is None:
        return None
    return json.dumps(str((start / "plan.csv" if is_folder(start) else start).absolute()), ensure_ascii=False)


def _check(scenario: "Scenario") -> "CheckReport":
    from redistrict.jobs.check import check as look

    return look(scenario)


def _print_check(report: "CheckReport", language: Language) -> None:
    headers, rows = report.table()
    print_table(headers, rows, language)
    for message in report.messages():
        say(message, language)


def _check_destination(scenario: "Scenario", folder: Path, *, overwrite: bool) -> None:
    from redistrict.jobs.check import check_destination

    check_destination(scenario, out=folder, overwrite=overwrite)


def _destination(folder: Path) -> Message:
    """Say where results would go, and whether something is replaced there."""
    where = folder.absolute()
    if folder.exists():
        return Message(f"Results would replace {where} (exists).", f"成果将覆盖 {where}（已存在）。")
    return Message(f"Results would go to {where} (new).", f"成果将写入 {where}（新建）。")
