"""A review over HTTP on a small town: edits, refusals, repair, export; nothing told as saved is lost."""

import json
import random
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from redistrict.jobs.verify import verify
from redistrict.review.desk import Desk
from tests.bench.review_kills import Editing
from tests.jobs.small_town import E1, E2, W1, W2, tell

from .browser import Browser

Serve = Callable[..., Browser]


def community(state: dict, key: str) -> dict:
    return next(one for one in state["communities"] if one["id"] == key)


def blocks_of(desk: Desk, state: dict, key: str) -> set[str]:
    at = [one["id"] for one in state["communities"]].index(key)
    return {block for block, c in zip(desk.basis.blocks.ids, state["of_block"], strict=True) if c == at}


def test_the_result_is_told_as_it_is(serve: Serve, desk: Desk, out: Path) -> None:
    """Sizes, bounds and neighbours of the plan, the data of its map in both languages, and nothing is asked yet."""
    browser = serve(out)
    plan, state = browser.ask("GET", "plan").json, browser.state()
    assert plan["base_ids"] == [W1, W2, E1, E2]
    assert plan["page"]["blocks"]["id"] == list(desk.basis.blocks.ids)
    assert len(plan["page"]["words"]["legend"]) == 2
    assert len(plan["edges"]["a"]) == len(desk.problem.edges) == 20
    assert plan["areas"][0]["bounds"] == {"households": [200, 600], "people": [600, 1800]}
    assert (state["event"], state["pins"], state["n_faults"], state["is_healed"]) == (0, [], 0, True)
    assert [one["households"] for one in state["communities"]] == [400] * 4
    assert state["cost_m"] == state["cost_before_m"]


def test_shapes_are_the_ground_of_their_blocks(serve: Serve, desk: Desk, out: Path) -> None:
    """Each shape covers the blocks of its community, to the drawing's metre, and no two overlap."""
    browser = serve(out)
    browser.post("paint", blocks=["B20"], community=W1)
    communities = browser.state()["communities"]
    keys = [one["shape"] for one in communities]
    shapes = browser.ask("GET", f"shapes?keys={','.join(keys)},none").json
    assert sorted(shapes) == sorted(keys)
    drawn = [
        shapely.union_all([shapely.Polygon(np.cumsum(np.reshape(ring, (-1, 2)), axis=0)) for (ring,) in shapes[key]])
        for key in keys
    ]
    blocks = desk.basis.blocks.frame.geometry.to_crs(4326).to_numpy()
    for c, one in enumerate(communities):
        own = [blocks[desk.place[key]] for key in blocks_of(desk, browser.state(), one["id"])]
        ground = shapely.transform(shapely.union_all(own), lambda xy: xy * 1e6)
        assert shapely.difference(ground, drawn[c]).area < 0.01 * ground.area
    assert shapely.union_all(drawn).area == pytest.approx(sum(one.area for one in drawn), rel=1e-4)


def test_a_painted_block_changes_the_plan_until_it_is_taken_back(serve: Serve, desk: Desk, out: Path) -> None:
    """Sizes, faults and moved residents follow; undo, redo, drop and old states give what was."""
    browser = serve(out)
    first = browser.post("paint", blocks=["B20", "B31"], community=W1, reason="学区")
    assert (first.status, first.json) == (201, {"event": 1})
    state = browser.state()
    assert blocks_of(desk, state, W1) == {"B00", "B01", "B10", "B11", "B20", "B31"}
    assert community(state, W1)["faults"] == [["不连片，分为 2 处；分离地块：B31", "it lies in 2 pieces; apart: B31"]]
    assert community(state, W1)["households"] == 600
    assert community(state, W2)["is_touched"]
    assert not community(state, E1)["is_touched"]
    assert (state["moved"], state["n_faults"]) == ({"blocks": 2, "residents": 600}, 2)
    assert [(one["form"], one["reason"], one["author"]) for one in state["pins"]] == [("in", "学区", "王")]
    assert browser.post("undo").status == 201
    assert browser.state()["pins"] == []
    assert browser.post("redo").status == 201
    assert browser.post("redo").status == 422
    assert browser.post("drop", pin=1).status == 201
    assert browser.state()["of_block"] == browser.ask("GET", "state?event=0").json["of_block"]
    assert browser.ask("GET", "state?event=1").body == browser.ask("GET", "state?event=1").body
    assert browser.ask("GET", "state?event=1").json["of_block"] == state["of_block"]
    assert browser.ask("GET", "state?event=99").status == 422


def test_an_edit_on_a_stale_state_is_refused_with_what_happened(serve: Serve, out: Path) -> None:
    """Nothing is merged silently; the same event sent twice counts once, also by another window."""
    one, other = serve(out), None
    other = Browser(one.address.geturl(), "李")
    assert one.post("paint", blocks=["B20"], community=W1).status == 201
    stale = other.post("paint", after=0, blocks=["B12"], community=E2)
    assert (stale.status, stale.json["event"]) == (409, 1)
    assert [(event["event"], event["author"], event["text"][1]) for event in stale.json["since"]] == [
        (1, "王", f"1 block to 西塞山区第1社区 ({W1})")
    ]
    again = {"id": "the-same-id", "after": 1, "author": "李", "kind": "comment", "on": {"block": "B20"}, "text": "ok"}
    answers = [other.ask("POST", "events", again) for _ in range(3)]
    assert [(answer.status, answer.json) for answer in answers] == [(201, {"event": 2})] * 3
    assert len(one.state()["comments"]) == 1


def test_comments_versions_and_renames_are_told(serve: Serve, out: Path) -> None:
    """Each with its author; a version is gone back to; a community bears its new name at once."""
    browser = serve(out)
    browser.post("comment", on={"community": W1}, text="<b>bold</b>\n=1+1")
    browser.post("version", name="第一稿")
    browser.post("pin", pin={"rename": W1, "to": "湖滨社区", "reason": "old name"})
    browser.post("settle", comment=1, is_open=False)
    state = browser.state()
    assert community(state, W1)["name"] == "湖滨社区"
    assert [(one["text"], one["is_open"]) for one in state["comments"]] == [("<b>bold</b>\n=1+1", False)]
    assert state["versions"] == [{"name": "第一稿", "event": 2, "author": "王"}]
    browser.post("restore", version="第一稿")
    assert community(browser.state(), W1)["name"] == "西塞山区第1社区"
    assert browser.post("restore", version="none").status == 422
    assert len(browser.state()["log"]) == 5


REFUSED = [
    ("paint", {"blocks": ["B99"], "community": W1}, "there is no block B99"),
    ("paint", {"blocks": ["B20"], "community": "none"}, "there is no community none"),
    ("paint", {"blocks": ["B20"], "community": E1}, "no community lies in two"),
    ("paint", {"blocks": [], "community": W1}, "blocks: a list of keys"),
    ("pin", {"pin": {"keep": "none"}}, "there is no community of the plan none"),
    ("pin", {"pin": {"keep": W1, "merge": [W1, W2]}}, "a pin says one thing"),
    ("pin", {"pin": {"blocks": ["B20"], "count": 2}}, "stands in scenarios only"),
    ("pin", {"pin": {"keep": 3}}, "keep: "),
    ("pin", {"pin": {"rename": W1, "to": "西塞山区第2社区"}}, "another community's name"),
    ("pin", {"pin": {"rename": W1, "to": "a\nb"}}, "a name is one line"),
    ("pin", {"pin": {"keep": W1, "reason": "a\nb"}}, "reason: one line"),
    ("drop", {"pin": 7}, "this pin is not asked"),
    ("undo", {}, "there is nothing to undo"),
    ("accept", {"preview": "none", "found": 1}, "there is no such repair"),
    ("accept", {"preview": "none"}, "found: a whole number"),
    ("comment", {"on": {"block": "B99"}, "text": "x"}, "there is no B99"),
    ("comment", {"on": {"block": "B00"}, "text": "x" * 501}, "text: text of 1 to 500"),
    ("comment", {"on": {"block": "B00", "more": "x"}, "text": "x"}, "more: no such field"),
    ("version", {"name": " "}, "name: text of 1 to 60"),
    ("version", {"name": "a\u0000b"}, "name: text of 1 to 60"),
    ("settle", {"comment": 1, "is_open": 0}, "is_open: true or false"),
    ("burn", {}, "kind: one of"),
]


def test_what_cannot_be_is_refused_in_words(serve: Serve, out: Path) -> None:
    """Nothing of it is written, and both languages say why."""
    browser = serve(out)
    for kind, body, said in REFUSED:
        answer = browser.post(kind, **body)
        assert (answer.status, said in answer.json["message"][1]) == (422, True), (kind, body, answer)
        assert len(answer.json["message"]) == 2
    assert browser.state()["event"] == 0


def test_pins_that_contradict_each_other_are_refused(serve: Serve, out: Path) -> None:
    """A locked community takes no block; unlocked again it does."""
    browser = serve(out)
    browser.post("pin", pin={"keep": W1, "reason": "agreed"})
    assert community(browser.state(), W1)["is_locked"]
    answer = browser.post("paint", blocks=["B20"], community=W1)
    assert answer.status == 422
    assert "agreed" in answer.json["message"][1]
    browser.post("drop", pin=1)
    assert browser.post("paint", blocks=["B20"], community=W1).status == 201


def test_why_not_names_rules_numbers_and_cost(serve: Serve, out: Path) -> None:
    """What a move would break and cost is what the plan has once it is made."""
    browser = serve(out)
    free = browser.ask("POST", "why", {"after": 0, "blocks": ["B20"], "community": W1}).json
    assert free["text"] == [["没有规则禁止", "nothing forbids it"]]
    broken = browser.ask("POST", "why", {"after": 0, "blocks": ["B20", "B30", "B31"], "community": W1}).json
    assert [text[1] for text in broken["text"]] == [
        "西塞山区第1社区: 700 households, at most 600 are allowed",
        "西塞山区第1社区: 2,100 people, at most 1,800 are allowed",
        "西塞山区第2社区: 100 households, at least 200 are needed",
        "西塞山区第2社区: 300 people, at least 600 are needed",
    ]
    browser.post("paint", blocks=["B20", "B30", "B31"], community=W1)
    state = browser.state()
    assert state["cost_m"] - state["cost_before_m"] == pytest.approx(broken["cost_m"])
    assert browser.ask("POST", "why", {"after": 0, "blocks": ["B20"], "community": W1}).status == 409
    other = browser.ask("POST", "why", {"after": 1, "blocks": ["B20"], "community": E1}).json
    assert "no community lies in two" in other["text"][0][1]


def test_a_repair_is_previewed_and_accepted_on_what_it_was_made_for(serve: Serve, desk: Desk, out: Path) -> None:
    """It mends what was broken, is told with moves and proof, and can be undone; not once something else is asked."""
    browser = serve(out)
    browser.post("paint", blocks=["B20", "B30", "B31"], community=W1)
    assert browser.state()["n_faults"] == 4
    preview = browser.heal()
    assert preview["status"] == "done"
    assert all(not one["faults"] for one in preview["communities"])
    assert {"B20", "B30", "B31"} <= {block for block, *_ in preview["moves"]}
    assert len(preview["why"]) == len(preview["moves"])
    assert "moves fewer residents" in preview["proofs"][0][1]
    browser.post("pin", pin={"apart": ["B02", "B22"]})
    assert browser.accept(preview).status == 422
    browser.post("undo")
    assert browser.accept(preview).status == 201
    state = browser.state()
    assert (state["is_healed"], state["of_block"]) == (True, preview["of_block"])
    browser.post("undo")
    assert browser.state()["n_faults"] == 4
    browser.post("redo")
    browser.post("paint", blocks=["B12"], community=E2)
    state = browser.state()
    assert (state["is_healed"], "B12" in blocks_of(desk, state, E2)) == (False, True)
    assert state["of_block"][:2] == preview["of_block"][:2]


def test_a_split_waits_for_the_repair_and_its_part_can_be_painted_into(serve: Serve, desk: Desk, out: Path) -> None:
    """A community that only a repair made is asked for by one of its blocks."""
    browser = serve(out)
    browser.post("pin", pin={"split": W1, "into": 2})
    assert browser.state()["pins"][0]["is_waiting"]
    preview = browser.heal()
    browser.accept(preview)
    state = browser.state()
    assert not state["pins"][0]["is_waiting"]
    (new,) = {one["id"] for one in state["communities"]} - {W1, W2, E1, E2}
    (block,) = sorted(blocks_of(desk, state, W2) & {"B20", "B21"})[:1]
    assert browser.post("paint", blocks=[block], community=new).status == 201
    state = browser.state()
    assert state["pins"][-1]["form"] == "with"
    assert block in blocks_of(desk, state, new)
    anchor = desk.basis.blocks.ids[state["pins"][-1]["blocks"][-1]]
    answer = browser.post("paint", blocks=[anchor], community=W2)
    assert (answer.status, "take that pin back first" in answer.json["message"][1]) == (422, True)


def test_a_merger_is_shown_at_once_and_a_wrong_number_is_a_fault(serve: Serve, out: Path) -> None:
    """The larger gives its name; that a district has too few communities is told of the whole plan."""
    browser = serve(out)
    browser.post("pin", pin={"merge": [W1, W2]})
    state = browser.state()
    assert [one["households"] for one in state["communities"]] == [800, 400, 400]
    assert "1 communities, and 2-3 are allowed" in state["faults"][0][1]
    preview = browser.heal()
    assert preview["status"] == "failed"
    assert "2-3 are allowed" in preview["reasons"][0][1]


def test_only_what_was_accepted_is_exported(serve: Serve, out: Path) -> None:
    """Nothing asked, a repair not accepted, and names that are paths are refused."""
    browser = serve(out)
    assert browser.ask("POST", "export", {"name": "second"}).status == 422
    browser.post("paint", blocks=["B20"], community=W1)
    assert "accept the repair" in browser.ask("POST", "export", {"name": "second"}).json["message"][1]
    browser.accept(browser.heal())
    for name in ("../second", "a/b", "a\\b", "..", ".hidden", "out", "con:", "x" * 81, ""):
        assert browser.ask("POST", "export", {"name": name}).status == 422, name


def listen(browser: Browser, until: str, begun: threading.Event) -> list[tuple[str, dict]]:
    """Give what the stream tells, up to and with an event that holds a text."""
    told, name = [], ""
    with browser.listen() as stream:
        stream.readline()
        begun.set()
        for raw in stream:
            text = raw.decode().rstrip("\n")
            if text.startswith("event: "):
                name = text[7:]
            if text.startswith("data: "):
                told.append((name, json.loads(text[6:])))
                if until in text:
                    break
    return told


def test_a_result_that_is_being_written_is_finished_before_it_ends(town: Path, serve: Serve) -> None:
    """Whoever ends it is told that it waits, and the result is whole."""
    waits: list[bool] = []
    browser = serve(shutil.copytree(town / "out", town / "ended"), on_wait=lambda: waits.append(True))
    browser.post("pin", pin={"keep": E1})
    browser.accept(browser.heal())
    assert browser.ask("POST", "export", {"name": "ended-agreed"}).status == 202
    browser.end()
    assert waits == [True]
    assert verify(town / "ended-agreed").violations == ()


def test_an_export_is_a_result_that_the_command_line_gives_as_well(town: Path, serve: Serve) -> None:
    """It verifies, holds pins and minutes, and `heal` with these pins gives the same plan byte for byte."""
    out = shutil.copytree(town / "out", town / "served")
    browser = serve(out)
    browser.author = "=cmd|' /C calc'!A0"
    browser.post("paint", blocks=["B20", "B31"], community=W1, reason="学区")
    browser.post("comment", on={"community": W1}, text="=1+1 <script>alert(1)</script>")
    browser.post("pin", pin={"rename": E1, "to": "=<i>江边</i>社区"})
    browser.accept(browser.heal())
    told: list[tuple[str, dict]] = []
    begun = threading.Event()
    listener = threading.Thread(target=lambda: told.extend(listen(browser, '"done"', begun)))
    listener.start()
    assert begun.wait(10)
    assert browser.ask("POST", "export", {"name": "served-agreed"}).status == 202
    listener.join(60)
    assert [values["status"] for name, values in told if name == "export"] == ["running", "done"]
    report = json.loads((town / "served-agreed" / "report.json").read_text(encoding="utf-8"))
    state = browser.state()
    assert [one["faults"] for one in state["communities"]] == [[]] * 4
    assert state["cost_m"] == pytest.approx(report["cost"])
    for one, row in zip(state["communities"], sorted(report["communities"], key=lambda row: row["id"]), strict=True):
        figures = [one[key] for key in ("id", "name", "households", "people", "workers")]
        assert figures == [row[key] for key in ("id", "name", "households", "population", "workers")]
        assert one["deviation"] == {"households": row["households_deviation"], "people": row["population_deviation"]}
    verdict = verify(town / "served-agreed")
    assert verdict.violations == ()
    assert any("minutes.csv" in one.en for one in verdict.not_checked)
    minutes = pd.read_csv(town / "served-agreed" / "healed" / "minutes.csv", encoding="utf-8-sig")
    assert minutes["kind"].tolist() == ["paint", "comment", "pin", "accept"]
    assert minutes["state"].fillna("").tolist() == ["asked", "open", "asked", ""]
    raw = (town / "served-agreed" / "healed" / "minutes.csv").read_text(encoding="utf-8-sig")
    assert ",'=cmd" in raw
    assert ",'=<i>江边</i>社区" in (town / "served-agreed" / "plan.csv").read_text(encoding="utf-8-sig")
    pins = town / "served-agreed" / "healed" / "pins.yaml"
    code, said = tell("heal", out, "--pins", pins, "--out", town / "served-again")
    assert code == 0, said
    assert (town / "served-again" / "plan.csv").read_bytes() == (town / "served-agreed" / "plan.csv").read_bytes()


def test_a_review_goes_on_where_it_was(serve: Serve, out: Path) -> None:
    """The next server of the folder shows what the last one had, undone changes and accepted repairs included."""
    first = serve(out)
    first.post("paint", blocks=["B20"], community=W1)
    first.accept(first.heal())
    first.post("paint", blocks=["B10"], community=W2)
    first.post("undo")
    was = first.ask("GET", "state").body
    first.end()
    second = serve(out)
    assert second.address.path != first.address.path
    assert second.ask("GET", "state").body == was
    assert second.post("redo").status == 201


@pytest.mark.usefixtures("endless")
def test_a_repair_accepted_while_the_search_goes_on_is_given_again_as_it_was(
    town: Path, serve: Serve, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accepting stops the search; export and command line give that plan, though the search would have left B21.

    The next repair is of what is asked alone.
    """
    out = shutil.copytree(town / "out", town / "early")
    browser = serve(out)
    browser.post("paint", blocks=["B20"], community=W1)
    preview = browser.heal(until="found")
    assert (preview["status"], [block for block, *_ in preview["moves"]]) == ("found", ["B20", "B21"])
    assert browser.post("accept", preview=preview["id"], found=2).status == 422
    assert browser.accept(preview).status == 201
    state = browser.state()
    assert (state["is_healed"], state["of_block"], len(state["pins"])) == (True, preview["of_block"], 1)
    assert "before the search had ended" in state["log"][-1]["text"][1]
    told: list[tuple[str, dict]] = []
    begun = threading.Event()
    listener = threading.Thread(target=lambda: told.extend(listen(browser, '"done"', begun)))
    listener.start()
    assert begun.wait(10)
    ended = time.monotonic() + 30  # the search looks up only now and then
    while browser.ask("GET", f"previews/{preview['id']}").json["status"] != "stopped" and time.monotonic() < ended:
        time.sleep(0.05)
    assert browser.ask("GET", f"previews/{preview['id']}").json["status"] == "stopped"
    assert browser.ask("POST", "export", {"name": "early-agreed"}).status == 202
    listener.join(60)
    agreed = town / "early-agreed"
    plan = pd.read_csv(agreed / "plan.csv", dtype=str).set_index("block_id")["community_id"]
    assert [*plan[["B20", "B21", "B30"]]] == [W1, W1, W2]
    assert verify(agreed).violations == ()
    code, said = tell("heal", out, "--pins", agreed / "healed" / "pins.yaml", "--out", town / "early-again")
    assert code == 0, said
    assert (town / "early-again" / "plan.csv").read_bytes() == (agreed / "plan.csv").read_bytes()
    monkeypatch.undo()
    browser.post("pin", pin={"keep": E1})
    browser.accept(browser.heal())
    assert blocks_of(desk, browser.state(), W1) == {"B00", "B01", "B10", "B11", "B20"}


def test_every_state_of_a_long_session_is_the_same_after_a_restart(serve: Serve, out: Path) -> None:
    """Whatever was asked, undone, named and said at random: each state there ever was is told byte for byte alike."""
    first = serve(out)
    editing = Editing(random.Random(3))
    editing.edit(first, times=60)
    states = [first.ask("GET", f"state?event={n}").body for n in range(len(editing.saved) + 1)]
    assert len({*states}) > 30
    first.end()
    second = serve(out)
    assert [second.ask("GET", f"state?event={n}").body for n in range(len(states))] == states


def test_what_cannot_be_written_is_not_shown(serve: Serve, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: the edit is refused, and counts once there is room again."""
    browser = serve(out)
    with monkeypatch.context() as full:
        full.setattr("redistrict.review.log.Log.append", strike)
        answer = browser.post("paint", blocks=["B20"], community=W1)
        assert (answer.status, "disk is full" in answer.json["message"][1]) == (507, True)
        assert browser.state()["event"] == 0
    assert browser.post("paint", blocks=["B20"], community=W1).json == {"event": 1}


def strike(*_: object) -> None:
    raise sqlite3.OperationalError("database or disk is full")
