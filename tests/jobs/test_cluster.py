"""Jobs whose tasks go to a cluster: the same bytes as without it, and a cluster of this machine for a trial."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from redistrict.solver.tasks.cluster import local_cluster

from .small_town import make_blocks, tell, write_scenario


@pytest.mark.slow(covers=["redistrict/solver/tasks/", "redistrict/jobs/cluster.py"])
def test_results_are_the_same_bytes(tmp_path: Path) -> None:
    """Of run, ensemble and front: tables and maps of a cluster's answers are those of threads."""
    make_blocks().to_file(tmp_path / "b.gpkg")
    path = write_scenario(tmp_path)
    commands = (("run",), ("ensemble", "--plans", 200), ("front", "--of", "cost,balance", "--count", 3))
    files = (
        ("plan.csv", "map.html"),
        ("plans.csv", "neighbours.csv", "ensemble.html"),
        ("front.html", "front.csv", "01/plan.csv"),
    )
    with local_cluster(2) as address:
        for (command, *words), names in zip(commands, files, strict=True):
            code, said = tell(command, path, *words, "--out", tmp_path / command)
            assert code == 0, said
            code, said = tell(command, path, *words, "--out", tmp_path / "there" / command, "--cluster", address)
            assert code == 0, said
            for name in names:
                mine, theirs = ((folder / command / name).read_bytes() for folder in (tmp_path, tmp_path / "there"))
                assert mine == theirs, f"{command}: {name}"


def test_a_wrong_address_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    """Nothing is written; the message says what to do."""
    make_blocks().to_file(tmp_path / "b.gpkg")
    code, said = tell("run", write_scenario(tmp_path), "--out", tmp_path / "out", "--cluster", "tcp://127.0.0.1:9")
    assert (code, (tmp_path / "out").exists()) == (5, False)
    assert "no scheduler answers there" in said


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is said."""
    make_blocks().to_file(tmp_path / "b.gpkg")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    code, said = tell("run", write_scenario(tmp_path), "--out", tmp_path / "out", "--cluster", "tcp://127.0.0.1:9")
    assert (code, "redistrict[cluster]" in said) == (1, True)


@pytest.mark.slow(covers=["redistrict/jobs/cluster.py"])
@pytest.mark.skipif(sys.platform == "win32", reason="signals of a console; issue 19")
def test_a_cluster_of_this_machine_is_served_until_it_is_ended(tmp_path: Path) -> None:
    """The address is printed, jobs are done there, and an interrupt ends it with exit code 0."""
    make_blocks().to_file(tmp_path / "b.gpkg")
    command = [sys.executable, "-m", "redistrict", "--language", "en", "cluster", "local", "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        address = served.stdout.readline().strip()
        assert re.fullmatch(r"tcp://127\.0\.0\.1:\d+", address)
        code, said = tell("run", write_scenario(tmp_path), "--out", tmp_path / "out", "--cluster", address)
        assert code == 0, said
        served.send_signal(signal.SIGTERM)
        assert served.wait(60) == 0
        assert served.stderr is not None
        assert served.stderr.read().splitlines() == [
            "Give this address to --cluster, in another window; it works until Ctrl-C."
        ]
