"""The tables of the office, counted anew by the judge: sizes in later years, rooms, and where the workers go."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from redistrict.jobs.run import run
from redistrict.judge import verify_files
from redistrict.scenario import load_scenario
from tests.jobs.whole_town import draw_whole_town

Change = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    run(load_scenario(draw_whole_town(folder)), out=folder / "out")
    return folder / "out"


def told(delivered: Path, out: Path, table: str, change: Change) -> list[str]:
    """Change one table of a result, and give what the judge says of it."""
    shutil.copytree(delivered, out)
    rows = pd.read_csv(out / table, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    change(rows).to_csv(out / table, index=False, encoding="utf-8-sig")
    verdict = verify_files(load_scenario(out / "scenario.yaml"), out)
    return [violation.message.en for violation in verdict.violations]


def with_value(row: int, column: str, value: str) -> Change:
    """Put a value into one cell."""

    def change(rows: pd.DataFrame) -> pd.DataFrame:
        assert rows.loc[row, column] != value
        return rows.assign(**{column: [value if at == row else old for at, old in enumerate(rows[column])]})

    return change


def moving_worker(rows: pd.DataFrame) -> pd.DataFrame:
    """Send a worker of the first row elsewhere: to where the first row does not lead."""
    counts = rows["workers"].astype(int).tolist()
    other = next(at for at, goal in enumerate(rows["to_id"]) if goal not in ("", rows.loc[0, "to_id"]))
    counts[0] -= 1
    counts[other] += 1
    return rows.assign(workers=[str(n) for n in counts])


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        ("growth.csv", with_value(0, "households", "1"), "growth.csv: households of community 2027"),
        ("growth.csv", with_value(3, "people", "x"), "growth.csv: people of community"),
        ("growth.csv", with_value(0, "year", "2031"), "growth.csv: list of rows"),
        ("growth.csv", lambda rows: rows.drop(index=1), "growth.csv: list of rows"),
        ("growth.csv", lambda rows: rows.drop(columns="people"), "growth.csv: missing column is people"),
        ("premises.csv", with_value(0, "required_m2", "299.9"), "premises.csv: required_m2"),
        ("premises.csv", with_value(0, "existing_m2", "1"), "premises.csv: existing_m2"),
        ("premises.csv", with_value(0, "shortfall_m2", "-5"), "premises.csv: shortfall_m2"),
        ("transition.csv", with_value(0, "workers", "9"), "transition.csv: workers from"),
        ("transition.csv", moving_worker, "transition.csv: posts"),
        ("transition.csv", with_value(0, "kind_en", "vacant post"), "transition.csv: kind_en from"),
        ("transition.csv", with_value(0, "from_id", "nobody"), "transition.csv: workers from"),
    ],
)  # fmt: skip
def test_a_number_that_plan_and_data_do_not_give_is_named(
    delivered: Path, tmp_path: Path, table: str, change: Change, said: str
) -> None:
    """Each number is counted from the blocks, the deliveries, the sites and today's staff."""
    found = told(delivered, tmp_path / "out", table, change)
    assert any(said in message for message in found), found
    assert all(table in message for message in found)


def test_nobody_is_without_a_post_while_one_is_vacant(delivered: Path, tmp_path: Path) -> None:
    """A worker put aside and a post left empty add up, and are named all the same."""

    def put_aside(rows: pd.DataFrame) -> pd.DataFrame:
        first = rows.iloc[0]
        counts = [str(int(n) - (at == 0)) for at, n in enumerate(rows["workers"])]
        aside = first.to_dict() | {"to_id": "", "workers": "1", "kind_en": "without a post"}
        vacant = first.to_dict() | {"from_id": "", "workers": "1", "kind_en": "vacant post"}
        return pd.concat([rows.assign(workers=counts), pd.DataFrame([aside, vacant])], ignore_index=True)

    assert any("vacant posts" in message for message in told(delivered, tmp_path / "out", "transition.csv", put_aside))


@pytest.mark.parametrize("table", ["growth.csv", "premises.csv", "transition.csv"])
def test_the_tables_as_delivered_pass(delivered: Path, tmp_path: Path, table: str) -> None:
    """Written again unchanged, nothing is said of them."""
    assert told(delivered, tmp_path / "out", table, lambda rows: rows) == []
