"""The command line: exit codes, where things are printed, in which language, and what is imported."""

import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from redistrict import __version__
from redistrict.cli import app as cli
from redistrict.cli import console
from redistrict.errors import (
    DataError,
    InfeasibleScenarioError,
    InterruptedSolveError,
    OutputError,
    RedistrictError,
    SolverError,
    VerificationError,
)
from redistrict.judge.verification import Verification, Violation
from redistrict.messages import Message
from redistrict.scenario import Scenario, scenario_schema
from redistrict.solver.tasks.progress import Progress
from tests.scenario.refusals import SMALLEST

PINS = "pins: [{together: [a, b], reason: x}]"
BROKEN = Violation("contiguity", "C1", ("b1", "b2"), "2 parts", "1 part", Message("C1 falls apart", "C1 不连通"))


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["--language", "en", *arguments])


@dataclass
class FakePipeline:
    """A pipeline that answers at once and remembers what it was asked."""

    stopped_by: str = "effort"
    ok: bool = True
    raises: BaseException | None = None
    violations: tuple[Violation, ...] = ()
    notes: tuple[Message, ...] = ()
    not_compared: tuple[str, ...] = ()
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def run(self, scenario: Scenario, *, out: Path, overwrite: bool, on_progress: Callable[[Progress], None]) -> Any:
        """Report three steps of one phase and deliver."""
        self.asked.append((scenario, out, overwrite))
        if self.raises:
            raise self.raises
        for step in range(3):
            on_progress(Progress(Message("Searching", "搜索"), step / 2, cost=1_234_500, bound=1_000_000))
        return SimpleNamespace(
            notes=(Message("Roads are far away.", "道路相距很远。"),),
            messages=lambda: (Message("Plan delivered.", "成果已交付。"),),
            to_json=lambda: {"stopped_by": self.stopped_by},
        )

    def check(self, scenario: Scenario) -> Any:
        """Give a table with a name that tries to command the terminal."""
        self.asked.append((scenario,))
        if self.raises:
            raise self.raises
        return SimpleNamespace(
            ok=self.ok,
            messages=lambda: (Message("Looked at.", "已检查。"),),
            table=lambda: (
                (Message("district", "区"), Message("blocks", "地块")),
                (("[red]西塞山\x1b[2J", "12"),),
            ),
            to_json=lambda: {"ok": self.ok, "名": "区"},
        )

    def examine(self, scenario: Scenario, *, page: Path | None, language: str) -> Any:  # noqa: ARG002
        """Give the same as a check that lists findings."""
        report = self.check(scenario)
        return SimpleNamespace(to_json=report.to_json, report=lambda: report)

    def check_destination(self, scenario: Scenario, *, out: Path, overwrite: bool) -> None:
        """Refuse a folder that exists."""
        self.asked.append((scenario,))
        if out.exists() and not overwrite:
            raise OutputError(Message("exists already", "已存在"))

    def verify(
        self, result_dir: Path, *, scenario: Scenario | None = None, key: Path | None = None, data: Path | None = None
    ) -> Verification:
        """Give the violations that were put in."""
        self.asked.append((result_dir, scenario, key, data))
        return Verification(self.violations, self.notes, not_compared=self.not_compared)


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> FakePipeline:
    fake = FakePipeline()
    jobs = {"check": ("check", "check_destination"), "findings": ("examine",), "run": ("run",), "verify": ("verify",)}
    for job, names in jobs.items():
        module = ModuleType(f"redistrict.jobs.{job}")
        for name in names:
            setattr(module, name, getattr(fake, name))
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return fake


@pytest.fixture
def scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.yaml").write_text(SMALLEST, encoding="utf-8")
    return "s.yaml"


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    """Leave the root logger's handlers as they were."""
    before = logging.root.handlers[:]
    yield
    logging.root.handlers[:] = before


# --- run ------------------------------------------------------------------------------------------------


def test_run_prints_the_folder_to_stdout_and_the_rest_to_stderr(pipeline: FakePipeline, scenario: str) -> None:
    """Scripts read the result folder from standard output; people read the messages on standard error."""
    result = call("run", scenario)
    assert result.exit_code == 0
    assert result.stdout == f"{Path('results', 'demo')}\n"
    assert result.stderr.endswith("Roads are far away.\nPlan delivered.\n")
    assert pipeline.asked[0][1:] == (Path("results/demo"), False)


def test_run_logs_a_phase_once(pipeline: FakePipeline, scenario: str) -> None:
    """Where standard error is no terminal, a phase gives one line, not one for every step."""
    lines = [line for line in call("run", scenario).stderr.splitlines() if "Searching" in line]
    assert lines == ["  0% Searching; cost 12,345 weighted m, bound 10,000"]


def test_progress_is_logged_again_after_a_while(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long phase gives a line every five seconds at most."""
    now = iter([100.0, 101.0, 104.9, 105.1, 106.0])
    monkeypatch.setattr("redistrict.cli.console.time.monotonic", lambda: next(now))
    show = console.progress_logger("zh")
    for step in range(5):
        show(Progress(Message("Searching", "搜索"), step / 10))
    assert capsys.readouterr().err.splitlines() == ["  0% 搜索", " 30% 搜索"]


def test_run_options_reach_the_pipeline(pipeline: FakePipeline, scenario: str) -> None:
    """`--time-limit` and `--seed` are shorthands that win over `--set`."""
    options = ["--set", "solve.seed=3", "--set", "communities.count=4", "--seed", "7", "--time-limit", "2.5"]
    assert call("run", scenario, *options, "--out", "o", "--overwrite").exit_code == 0
    asked, out, overwrite = pipeline.asked[0]
    assert (asked.solve.seed, asked.solve.time_limit_s, asked.communities.count) == (7, 2.5, 4)
    assert (out, overwrite) == (Path("o"), True)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (DataError, 3),
        (OutputError, 3),
        (InfeasibleScenarioError, 4),
        (SolverError, 5),
        (InterruptedSolveError, 130),
        (VerificationError, 1),
    ],
)
def test_refusals_end_with_their_exit_code(
    pipeline: FakePipeline, scenario: str, kind: type[RedistrictError], code: int
) -> None:
    """Every problem of a refusal is a line on standard error, and the exit code is the error's."""
    pipeline.raises = kind([Message("first [bold]", "一"), Message("second", "二")])
    result = call("run", scenario)
    assert result.exit_code == code
    assert result.stderr.splitlines() == ["first [bold]", "second"]
    assert result.stdout == ""


def test_interrupt_before_results_gives_130(pipeline: FakePipeline, scenario: str) -> None:
    """Ctrl-C outside the search ends the command with 130."""
    pipeline.raises = KeyboardInterrupt()
    result = call("run", scenario)
    assert (result.exit_code, result.stderr) == (130, "Interrupted.\n")


def test_interrupted_search_delivers_and_gives_130(pipeline: FakePipeline, scenario: str) -> None:
    """A search stopped by Ctrl-C still names its results, but the exit code tells."""
    pipeline.stopped_by = "interrupt"
    result = call("run", scenario)
    assert result.exit_code == 130
    assert "demo" in result.stdout


def test_internal_error_gives_1_and_a_log_file(
    pipeline: FakePipeline, scenario: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug is one line, not dressed up as a refusal; what we need to mend it is in a file."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pipeline.raises = ZeroDivisionError("bug")
    result = call("run", scenario)
    assert result.exit_code == 1
    (log,) = tmp_path.glob("redistrict-error-*.log")
    assert "This should not have happened (ZeroDivisionError: bug)" in result.stderr
    assert str(log) in result.stderr
    assert "Traceback" not in result.stderr
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_want_of_memory_is_told_as_such(pipeline: FakePipeline, scenario: str) -> None:
    pipeline.raises = MemoryError()
    result = call("run", scenario)
    assert result.exit_code == 1
    assert "not enough memory" in result.stderr


def test_dry_run_writes_nothing_and_names_the_place(pipeline: FakePipeline, scenario: str) -> None:
    """`--dry-run` checks, says where results would go or what is in the way there, and leaves no trace."""
    before = sorted(Path.cwd().rglob("*"))
    fresh = call("run", scenario, "--dry-run")
    assert fresh.exit_code == 0
    assert f"Results would go to {Path.cwd() / 'results' / 'demo'} (new)." in fresh.stderr
    assert sorted(Path.cwd().rglob("*")) == before
    Path("results/demo").mkdir(parents=True)
    refused = call("run", scenario, "--dry-run")
    assert (refused.exit_code, "exists already" in refused.stderr) == (3, True)
    assert "would replace" in call("run", scenario, "--dry-run", "--overwrite").stderr
    pipeline.ok = False
    assert call("run", scenario, "--dry-run", "--overwrite").exit_code == 4


# --- check and verify -----------------------------------------------------------------------------------


def test_check_prints_its_table_as_plain_text(pipeline: FakePipeline, scenario: str) -> None:
    """Markup and terminal codes in data are shown, never obeyed."""
    result = call("check", scenario)
    assert result.exit_code == 0
    assert result.stdout == "district\tblocks\n[red]西塞山\ufffd[2J\t12\n"
    assert result.stderr == "Looked at.\n"


def test_table_on_a_terminal_obeys_no_markup(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table drawn on a terminal shows brackets from data as they are."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    console.print_table((Message("a", "甲"),), [("[red]x[/red]\x1b[2J",)], "zh")
    printed = capsys.readouterr().out
    assert "[red]x[/red]" in printed
    assert "\x1b[2J" not in printed


def test_check_that_fails_gives_4(pipeline: FakePipeline, scenario: str) -> None:
    """Limits that cannot be met give exit code 4, also as JSON."""
    pipeline.ok = False
    assert call("check", scenario).exit_code == 4
    result = call("check", scenario, "--json")
    assert result.exit_code == 4
    assert json.loads(result.stdout) == {"ok": False, "名": "区"}


def test_bad_scenario_gives_3_and_every_problem(pipeline: FakePipeline, scenario: str) -> None:
    """The scenario's problems are told line by line before anything is computed."""
    Path(scenario).write_text(SMALLEST + "solve: {sed: 3}\noutput: {language: cn}\n", encoding="utf-8")
    result = call("check", scenario, "--set", "nam=3")
    assert result.exit_code == 3
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == [
        "--set nam=3",
        "s.yaml:6:9",
        "s.yaml:7:20",
    ]
    assert pipeline.asked == []


def test_verify_says_ok(pipeline: FakePipeline, scenario: str) -> None:
    """A sound result folder gives 0, judged by its own scenario or by another."""
    assert call("verify", "results/demo").stdout == "ok: no rule is broken\n"
    assert call("verify", "results/demo", "--scenario", scenario).exit_code == 0
    assert pipeline.asked[0] == (Path("results/demo"), None, None, None)
    assert pipeline.asked[1][1].name == "demo"


def test_verify_lists_violations_and_gives_1(pipeline: FakePipeline) -> None:
    """A refused plan gives 1 and every violation, as lines or as JSON."""
    pipeline.violations = (BROKEN,)
    result = call("verify", "r")
    assert (result.exit_code, result.stdout) == (1, "contiguity: C1 falls apart\n")
    told = json.loads(call("verify", "r", "--json").stdout)
    assert told["ok"] is False
    assert told["violations"][0]["blocks"] == ["b1", "b2"]
    assert told["violations"][0]["message"] == {"en": "C1 falls apart", "zh": "C1 不连通"}


def test_verify_tells_notes(pipeline: FakePipeline) -> None:
    """What the judge saw that breaks no rule follows the verdict, and changes no exit code."""
    pipeline.notes = (Message("B lies in A", "B 在 A 内"),)
    result = call("verify", "r")
    assert (result.exit_code, result.stdout) == (0, "ok: no rule is broken\nnote: B lies in A\n")
    assert json.loads(call("verify", "r", "--json").stdout)["notes"] == [{"en": "B lies in A", "zh": "B 在 A 内"}]


def test_verify_counts_what_could_not_be_compared(pipeline: FakePipeline) -> None:
    """Files that other programs may have made otherwise are counted in the first line."""
    pipeline.not_compared = ("map.html", "report.xlsx")
    result = call("verify", "r")
    assert (result.exit_code, result.stdout) == (0, "ok: no rule is broken, but 2 files could not be compared\n")
    assert json.loads(call("verify", "r", "--json").stdout)["not_compared"] == ["map.html", "report.xlsx"]


# --- the rest -------------------------------------------------------------------------------------------


def test_schema_prints_the_schema() -> None:
    """`redistrict schema` prints what editors need."""
    assert json.loads(call("schema").stdout) == scenario_schema()


def test_version() -> None:
    """`--version` prints the version only."""
    assert call("--version").stdout == f"redistrict {__version__}\n"


@pytest.mark.parametrize("arguments", [["runn"], ["run"], ["run", "s.yaml", "--sed", "3"], ["--language", "fr"]])
def test_wrong_usage_gives_2(arguments: list[str]) -> None:
    """Unknown commands, missing arguments and unknown options are usage errors."""
    assert CliRunner().invoke(cli.app, arguments).exit_code == 2


def test_language_follows_option_environment_and_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """The option wins over REDISTRICT_LANGUAGE, and that over the system's language."""
    for key in ("LC_ALL", "LC_MESSAGES", "REDISTRICT_LANGUAGE"):
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    ask = ["check", "none.yaml"]
    assert CliRunner().invoke(cli.app, ask).stderr == "none.yaml: 文件不存在\n"
    monkeypatch.setenv("REDISTRICT_LANGUAGE", "en")
    assert CliRunner().invoke(cli.app, ask).stderr == "none.yaml: there is no such file\n"
    both = CliRunner().invoke(cli.app, ["--language", "both", *ask])
    assert both.stderr == "none.yaml: 文件不存在 none.yaml: there is no such file\n"


def test_a_missing_font_is_told_before_the_search(
    scenario: str, pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a Chinese font a run begins with one line that says how to install one, if it is asked for Chinese."""
    from redistrict.report.pictures import diagnosis

    monkeypatch.setattr(diagnosis, "CJK_FONTS", ("No Such Font",))
    first, second, *_ = call("run", scenario).stderr.splitlines()
    assert "Add-WindowsCapability" in first
    assert "apt-get install fonts-noto-cjk; " in first
    assert "dnf install google-noto-sans-cjk-fonts" in first
    assert "Searching" in second
    assert "安装方法" in CliRunner().invoke(cli.app, ["--language", "zh", "run", scenario]).stderr.splitlines()[0]
    assert "Searching" in call("run", scenario, "--set", "output.language=en").stderr.splitlines()[0]


@pytest.mark.parametrize(
    "command",
    [
        "check s.yaml",
        "run s.yaml --dry-run",
        "diagnose s.yaml --out o",
        *(f"{name} s.yaml" for name in ("alternatives", "front", "province", "sweep")),
        *("heal . --pins p.yaml", "grids .", "pack .", "pack . --only zh"),
    ],
)
@pytest.mark.usefixtures("scenario")
def test_every_command_that_draws_tells_of_a_missing_font_first(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy is the first line, whatever follows: here there are no data."""
    from redistrict.report.pictures import diagnosis

    monkeypatch.setattr(diagnosis, "CJK_FONTS", ("No Such Font",))
    for name, text in (("s", f"{SMALLEST}sweep: {{list: [{{}}]}}\n"), ("scenario", SMALLEST), ("p", PINS)):
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")
    assert "fonts-noto-cjk" in call(*command.split()).stderr.splitlines()[0]


def test_doctor_says_how_to_get_a_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no font is found the doctor names the command as well."""
    monkeypatch.setattr("redistrict.jobs.doctor._CJK_FONTS", ("no such font",))
    (row,) = [line for line in call("doctor").stdout.splitlines() if line.startswith("Chinese font")]
    assert "fonts-noto-cjk" in row


def test_doctor_looks_at_machine_and_data(scenario: str) -> None:
    """The doctor names versions and cores, and says which file of a scenario cannot be read."""
    alone = call("doctor")
    assert alone.exit_code == 0
    assert "GEOS" in alone.stdout
    with_data = call("doctor", scenario)
    assert with_data.exit_code == 3
    row = next(line for line in with_data.stdout.splitlines() if line.startswith("data.blocks"))
    assert row.endswith("PROBLEM")
    assert "there is no file" in row


def test_doctor_reads_the_head_of_layers(scenario: str) -> None:
    """For data that can be read the doctor tells encoding, CRS and bounds, and misplaced bounds."""
    import geopandas as gpd
    from shapely import box

    here = gpd.GeoDataFrame({"ID": ["a"]}, geometry=[box(595_000, 3_340_000, 596_000, 3_341_000)], crs=4547)
    here.to_file("blocks.gpkg")
    found = call("doctor", scenario)
    row = next(line for line in found.stdout.splitlines() if line.startswith("data.blocks"))
    assert "1 features, UTF-8, CGCS2000 / 3-degree Gauss-Kruger CM 114E" in row
    assert "bounds 114.98" in row
    assert found.exit_code == 0
    here.set_crs(4526, allow_override=True).to_file("blocks.gpkg")
    misplaced = call("doctor", scenario)
    assert misplaced.exit_code == 3
    assert "the eastings lack the zone number 38 that this system asks for: write 'crs: EPSG:4547'" in misplaced.stdout
    here.set_geometry(here.translate(yoff=-2_000_000)).to_file("blocks.gpkg")
    assert "lie outside the area of this CRS" in call("doctor", scenario).stdout
    here.iloc[:0].to_file("blocks.gpkg")
    assert call("doctor", scenario).exit_code == 3


def test_help_is_quick_and_teaches() -> None:
    """`--help` loads no heavy module, shows an example and the exit codes, and survives a GBK console."""
    code = (
        "import sys\nfrom redistrict.__main__ import main\nsys.argv = ['redistrict', '--help']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "heavy = {'geopandas', 'ortools', 'numba', 'folium', 'networkx', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(cli.__file__).parents[2],
        env={**os.environ, "PYTHONIOENCODING": "gbk"},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    text = done.stdout.decode("utf-8")
    assert "redistrict run scenarios/my-city.yaml" in text
    for exit_code in ("0 ", "1 ", "2 ", "3 ", "4 ", "5 ", "130 "):
        assert f"\n    {exit_code}" in text


@pytest.mark.parametrize("command", ["run", "check", "verify", "schema", "doctor", "sweep"])
def test_every_command_has_help(command: str) -> None:
    """Each command explains itself in both languages."""
    for language in ("zh", "both"):
        result = call(command, "--help", "--language", language)
        assert result.exit_code == 0
        assert any("\u4e00" <= char <= "\u9fff" for char in result.stdout)


def test_run_help_names_the_files_that_come_out() -> None:
    """`run --help` names every file of a result folder."""
    files = "map.html report.xlsx communities.gpkg shapefile/communities.shp communities.geojson boundaries.geojson"
    tables = "staffing.csv transition.csv premises.csv lineage.csv crossings.csv bounds.csv rules.csv growth.csv"
    record = "boundaries.csv boundary_points.csv boundary_points.geojson"
    told = call("run", "--help").stdout
    for name in (
        *files.split(),
        *tables.split(),
        *record.split(),
        "pictures/",
        "plan.csv",
        "report.json",
        "scenario.yaml",
    ):
        assert name in told, name
