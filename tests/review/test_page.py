"""The page of a review in a real browser: a meeting from the first edit to the export (issue 17)."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from redistrict.jobs.verify import verify
from redistrict.messages import Message
from redistrict.review.page import OWN, STATIC, read_static, write_page
from redistrict.review.words import WORDS
from tests.jobs.small_town import E1, W1, W2, tell
from tests.report.conftest import browser  # noqa: F401
from tests.sample_city import SampleCity

pytestmark = pytest.mark.browser

MARKUP = "<img src=x onerror=alert(1)>"
LAPTOP = {"width": 1366, "height": 768}
Point = tuple[float, float]
SPOT = """b => {
  const { map } = review.desk;
  const { x, y } = map.latLngToContainerPoint(review.middles[typeof b === "string" ? review.blockOf.get(b) : b]);
  const frame = map.getContainer().getBoundingClientRect();
  return [frame.left + x, frame.top + y];
}"""


@dataclass
class Table:
    """A browser at the review, and everything it complained about or asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def spot(self, block: str | int) -> Point:
        """Give the pixel of a place in a block."""
        x, y = self.page.evaluate(SPOT, block)
        return x, y

    def drag(self, *spots: Point) -> None:
        """Draw from place to place."""
        self.page.mouse.move(*spots[0])
        self.page.mouse.down()
        for spot in spots[1:]:
            self.page.mouse.move(*spot, steps=6)
        self.page.mouse.up()

    def click(self, key: str) -> None:
        """Click on what has a key."""
        self.page.click(f'[data-focus="{key}"]')

    def choose(self, name: str) -> None:
        """Choose a community or block by the search."""
        self.click("tab-view")
        self.page.fill(".search", name)
        self.page.press(".search", "Enter")

    def answer(self, text: str, tag: str = "input") -> None:
        """Fill in the form that is open."""
        self.page.fill(f"dialog {tag}", text)
        self.page.click("dialog .main")

    def sees(self, selector: str, text: str) -> None:
        """Wait until a part of the page holds a text."""
        expect(self.page.locator(selector).first).to_contain_text(text, timeout=120_000)

    def saved(self, n: int) -> None:
        """Wait until the page shows the state after event `n`, with nothing left to save."""
        self.page.wait_for_function("n => review.state.event === n && review.unsaved.length === 0", arg=n)

    def lives(self, block: str) -> str:
        """Give the community that a block lies in on the map."""
        return str(
            self.page.evaluate("b => review.desk.plan.new.id[review.desk.blocks.new[review.blockOf.get(b)]]", block)
        )


Sit = Callable[..., Table]


@pytest.fixture
def sit(browser: Browser) -> Iterator[Sit]:  # noqa: F811
    """Give a function that opens the review of an address; nothing may be asked of others, and nothing go wrong."""
    tables: list[tuple[Table, str]] = []

    def open_table(address: str, author: str = "王工", opinions: object = None, **options: object) -> Table:
        context = browser.new_context(**{"viewport": LAPTOP, **options})
        if opinions:
            context.route("**/opinions", lambda route: route.fulfill(json=opinions))
        context.set_default_timeout(120_000)
        table = Table(context.new_page())
        tables.append((table, address))
        page = table.page
        page.on("pageerror", lambda error: table.complaints.append(str(error)))
        page.on("console", lambda message: table.complaints.append(message.text))
        page.on("request", lambda request: table.requests.append(request.url))
        page.goto(address)
        table.answer(author)
        return table

    yield open_table
    for table, address in tables:
        assert table.page.url == address  # its secret stays as it is, whatever is looked at
        assert all(url.startswith((address, "data:")) for url in table.requests)
        assert [text for text in table.complaints if not re.search(r"status of 4(09|22)|ERR_INTERNET", text)] == []
        table.page.context.close()


@pytest.fixture
def address(town: Path, serve: Callable[..., object], request: pytest.FixtureRequest) -> str:
    """Give the address of a new review of the town, whose log bears the name of the test."""
    return serve(town / request.node.name).address.geturl()  # type: ignore[attr-defined]


def test_a_page_names_only_what_is_served() -> None:
    """Every address in it is a file of the list, nothing else is read, and a title is no markup."""
    html = write_page(Message(MARKUP, MARKUP))
    named = re.findall(r'(?:src|href)="([^"]*)"', html)
    assert sorted(named) == sorted(["data:,", *(f"static/{name}" for name in STATIC)])
    assert all(read_static(name) for name in STATIC)
    assert MARKUP not in html
    with pytest.raises(KeyError, match=r"page\.py"):
        read_static("../page.py")


def test_every_word_that_a_script_says_is_there() -> None:
    """No script asks for a word that is missing."""
    scripts = [read_static(name).decode() for name in STATIC if name in OWN]
    said = {word for script in scripts for word in re.findall(r"(?<!desk\.)\bwords\.(\w+)", script)}
    assert len(said) > 80
    assert said <= set(WORDS)


def test_an_answer_to_what_has_changed_meanwhile_is_not_shown(address: str, sit: Sit) -> None:
    """Why not is asked of a block to W1, which is to go to another community when the answer comes."""
    table, held = sit(address), []
    page = table.page
    page.route("**/why", lambda route: held.append(route))
    table.choose(W1)
    page.keyboard.press("l")
    x, y = table.spot("B30")
    table.drag((x - 30, y - 30), (x + 30, y - 30), (x + 30, y + 30), (x - 30, y + 30))
    with page.expect_request("**/why"):
        table.click("why")
    page.select_option('[data-focus="draft-target"]', E1)
    with page.expect_response("**/why"):
        held[0].continue_()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(page.locator(".draft .answer")).to_have_count(0)


def test_a_meeting_from_the_first_edit_to_the_export(town: Path, address: str, sit: Sit) -> None:
    """What is lassoed breaks a community, is named, mended, taken back, locked, commented, named and exported.

    B30 alone goes to W1, which lies in two pieces then; B20 is all that has to follow it.
    """
    table = sit(address)
    page = table.page
    table.choose(E1)
    table.click("lock")
    table.answer("商定")
    table.saved(1)
    table.sees(".chosen .lock", "已锁定")
    table.choose(W1)
    page.click(".tool.whole")
    page.keyboard.press("l")
    x, y = table.spot("B30")
    table.drag((x - 30, y - 30), (x + 30, y - 30), (x + 30, y + 30), (x - 30, y + 30))
    table.sees(".draft .faults-now", "分成 2 片")
    table.click("why")
    table.sees(".draft .answer", "不连片")
    page.fill('[data-focus="draft-reason"]', "学区")
    page.press('[data-focus="draft-reason"]', "Enter")
    table.saved(2)
    table.sees(".question.bad .faults", "不连片")
    table.sees(".pins", "学区")
    table.sees("#top .large b", "300")
    table.click("heal")
    table.sees(".preview", "另需调整 1 个地块、300 名居民")
    table.sees(".preview .proof", "")
    table.click("accept")
    table.saved(3)
    table.sees(".question.good .tally", "无")
    assert [table.lives(block) for block in ("B30", "B20", "B31")] == [W1, W1, W2]
    page.click("#top h1")
    page.keyboard.press("Control+z")
    table.saved(4)
    assert table.lives("B20") == W2
    page.keyboard.press("Control+y")
    table.saved(5)
    assert table.lives("B20") == W1
    table.click("comment")
    table.answer("再听意见", "textarea")
    table.saved(6)
    table.click("tab-comments")
    table.click("settle6")
    table.saved(7)
    table.sees(".comments", "已办结")
    table.click("tab-versions")
    table.click("name-version")
    table.answer("定稿")
    table.saved(8)
    table.click("compare")
    table.sees(".compared", "2 个地块不同，涉及居民 600 名")
    table.click("tab-minutes")
    assert page.locator(".minutes li").count() == 8
    table.click("export")
    table.answer("agreed on the page")
    table.sees(".exported.done", "")
    agreed = town / "agreed on the page"
    assert verify(agreed).violations == ()
    code, said = tell("heal", town / "out", "--pins", agreed / "healed" / "pins.yaml", "--out", town / "again")
    assert code == 0, said
    assert (town / "again" / "plan.csv").read_bytes() == (agreed / "plan.csv").read_bytes()


@pytest.mark.usefixtures("endless")
def test_a_repair_is_accepted_while_the_search_goes_on(address: str, sit: Sit) -> None:
    """The first repair is shown with what is proved by then and that the search goes on; Enter accepts it."""
    table = sit(address)
    table.choose("B20")
    table.page.select_option('[data-focus="into"]', W1)
    table.click("put")
    table.click("save")
    table.saved(1)
    table.click("heal")
    table.sees(".preview .remark", "仍在寻找移动更少的方案")
    table.sees(".preview", "另需调整 1 个地块、300 名居民")
    table.sees(".preview .proof", "")
    expect(table.page.locator('[data-focus="heal"]')).to_be_disabled()
    table.page.click("#top h1")
    table.page.keyboard.press("Enter")
    table.saved(2)
    assert [table.lives(block) for block in ("B20", "B21", "B30")] == [W1, W1, W2]
    table.sees(".question.good .tally", "无")


def test_what_is_drawn_is_counted_before_it_is_saved(address: str, sit: Sit) -> None:
    """Painting shows sums, bounds and pieces at once; pushing takes the blocks up to the next road; Escape forgets."""
    table = sit(address)
    page = table.page
    page.evaluate("""() => { // a road between the third row and the fourth
      const row = (b) => review.desk.blocks.id[b][1];
      const { a, b } = review.plan.edges;
      review.edges.is_crossing = a.map((i, e) => row(i) + row(b[e]) === "23" || row(i) + row(b[e]) === "32");
    }""")
    page.keyboard.press("b")
    table.drag(table.spot("B10"), table.spot("B20"))
    changes = page.locator(".draft .changes")
    assert re.sub(r"\s+", " ", changes.inner_text()).count("400 500 +100") == 1
    assert "社区工作者 2 2 =" in re.sub(r"\s+", " ", changes.inner_text())
    table.drag(table.spot("B20"), table.spot("B30"), table.spot("B31"), table.spot("B21"))
    table.sees(".draft .faults-now", "户数 800，高于上限 600")
    assert "不再有地块" in changes.inner_text()
    page.keyboard.press("Control+z")
    assert page.locator(".draft .faults-now").count() == 0
    page.keyboard.press("Escape")
    assert page.locator(".draft").count() == 0
    page.keyboard.press("g")
    table.drag(table.spot("B11"), table.spot("B21"))
    assert page.evaluate("movedBlocks(review).map((b) => review.desk.blocks.id[b]).sort()") == ["B20", "B21"]
    table.drag(table.spot("B12"), table.spot("B22"))
    table.sees(".draft .answer", "请先保存或放弃当前草稿")
    page.keyboard.press("Escape")
    assert page.evaluate("review.draft === null && review.state.event === 0")


def test_an_edit_needs_no_mouse(address: str, sit: Sit) -> None:
    """Arrows go from block to block, Space takes one up, Enter saves; the tools are one stop of the tab key."""
    table = sit(address)
    page = table.page
    page.keyboard.press("Tab")
    page.locator(".pick-tool").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.get_attribute(".paint-tool", "aria-pressed") == "true"
    assert page.locator(".tool-bar [tabindex='0']").count() == 1
    page.locator(".search").focus()
    page.keyboard.type("B10")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "map"
    page.keyboard.press("ArrowUp")  # the cursor appears where the choice is
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    table.sees(".draft h2", "1 个地块，300 名居民")
    page.keyboard.press("Enter")
    table.saved(1)
    assert table.lives("B20") == W1
    page.keyboard.press("Control+z")
    table.saved(2)
    assert table.lives("B20") == W2


def test_two_people_see_each_other_and_nothing_is_merged_in_silence(address: str, sit: Sit) -> None:
    """A draft begun before another's edit is refused with what changed, stays, and is applied again by one click."""
    one, other = sit(address), sit(address, "李工")
    other.choose(W1)
    other.page.click(".tool.whole")
    other.page.keyboard.press("b")
    other.page.mouse.click(*other.spot("B20"))
    one.choose("B22")
    one.page.select_option('[data-focus="into"]', E1)
    one.click("put")
    one.click("save")
    one.saved(1)
    other.page.wait_for_function("() => review.state.event === 1")
    assert other.lives("B22") == E1
    other.page.fill('[data-focus="draft-reason"]', "沿渠")
    other.click("save")
    other.sees(".unsaved.stale", "他人已作修改")
    other.sees(".unsaved .since", "王工")
    assert other.lives("B20") == W2
    other.page.click(".unsaved .main")
    other.saved(2)
    one.page.wait_for_function("() => review.state.event === 2")
    assert one.lives("B20") == other.lives("B20") == W1
    one.sees(".pins", "李工")


@pytest.mark.slow(covers=["redistrict/review/"])
def test_communities_are_merged_divided_and_brought_back(address: str, sit: Sit) -> None:
    """A merger shows at once, a division waits for the repair; a named version brings both communities back."""
    table = sit(address)
    page = table.page
    table.click("tab-versions")
    table.click("name-version")
    table.answer("起点")
    table.saved(1)
    table.choose(W1)
    table.click("merge")
    page.select_option("dialog select", W2)
    table.answer("合署办公")
    table.saved(2)
    assert page.evaluate("review.state.communities.length") == 3
    assert table.lives("B33") != table.lives("B30") == table.lives("B00")
    table.sees(".changes", "已不存在")
    table.sees(".question.bad", "户数 800")
    table.choose(E1)
    table.click("split")
    page.press("dialog input", "Enter")
    table.saved(3)
    table.sees(".question.bad", "1 项待修复时落实")
    table.click("tab-versions")
    table.click("restore1")
    table.saved(4)
    table.sees(".question.good", "无")
    assert page.locator(".pins").count() == 0
    assert table.lives("B30") == W2


def test_markup_in_names_stays_text(address: str, sit: Sit) -> None:
    """Author, name, reason, comment, version and opinion show letter by letter, in both languages."""
    keys = ("date", "place", "opinion", "text", "answer", "state")
    table = sit(address, MARKUP, opinions={W1: [dict.fromkeys(keys, MARKUP)]})
    page = table.page
    table.choose(W1)
    assert page.locator(".opinions").inner_text().count(MARKUP) == len(keys)
    table.click("rename")
    page.fill("dialog label:last-of-type input", MARKUP)
    table.answer(MARKUP)
    table.saved(1)
    table.click("comment")
    table.answer(MARKUP, "textarea")
    table.saved(2)
    table.click("tab-versions")
    table.click("name-version")
    table.answer(MARKUP)
    table.saved(3)
    for tab in ("versions", "comments", "minutes"):
        table.click(f"tab-{tab}")
        table.sees(".tab-body", MARKUP)
    table.click("language")
    page.mouse.move(*table.spot("B10"))
    page.mouse.move(*table.spot("B11"))
    for place in (".chosen h3", ".pins", ".leaflet-tooltip", "#top"):
        table.sees(place, MARKUP)
    table.sees("#right", "What is broken?")
    assert "哪里不合规" not in page.locator("#right").inner_text()
    assert page.locator("img").count() == 0


@pytest.mark.slow(covers=["redistrict/review/"])
def test_what_the_server_never_heard_is_said_and_sent_again(address: str, sit: Sit) -> None:
    """Without a connection an edit stays in sight as not saved, and is saved once there is one."""
    table = sit(address)
    table.choose("B20")
    table.page.select_option('[data-focus="into"]', W1)
    table.page.context.set_offline(True)
    table.click("put")
    table.click("save")
    table.sees(".unsaved.lost", "1 个地块划入")
    table.sees(".saved.lost", "连接中断")
    table.page.context.set_offline(False)
    table.saved(1)
    table.sees(".saved.ok", "已全部保存")
    assert table.lives("B20") == W1


def test_fingers_find_everything(address: str, sit: Sit) -> None:
    """On a tablet every button is 44 pixels or more, nothing stands out of the window, and a finger paints."""
    table = sit(address, viewport={"width": 1024, "height": 768}, has_touch=True)
    page = table.page
    table.choose(W1)
    page.click(".tool.whole")
    page.click(".paint-tool")
    touch = page.context.new_cdp_session(page)
    for kind, spots in (("touchStart", ["B10"]), ("touchMove", ["B20"]), ("touchEnd", [])):
        points = [dict(zip("xy", table.spot(block), strict=True)) for block in spots]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    table.sees(".draft h2", "1 个地块")
    for control in page.locator("button:visible, select:visible").all():
        box = control.bounding_box()
        assert box is not None
        if "link" not in (control.get_attribute("class") or ""):
            assert min(box["width"], box["height"]) >= 44, control.inner_text()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1024, control.inner_text()
    page.click("#top [data-focus=meeting]")
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('#top .large b')).fontSize)")
    assert size > 40


@pytest.fixture
def city(sample_city: SampleCity, tmp_path: Path) -> Iterator[str]:
    """Give the address of a review of the sample city, by the command line."""
    folder = shutil.copytree(sample_city["huangshi_redraw"], tmp_path / "city")
    command = [sys.executable, "-m", "redistrict", "review", str(folder), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


NEIGHBOURS = """() => {
  for (const b of review.members[10]) {
    for (const [j] of review.neighbours[b]) {
      const n = patchAround(review, j).length;
      if (review.state.of_block[j] !== 10 && n > 2 && n < 7) return [b, j];
    }
  }
}"""

WIDE = """() => ["top", "left", "right"].map((id) => document.getElementById(id))
  .filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.id)"""


@pytest.mark.slow(covers=["redistrict/review/", "redistrict/report/map/"])
def test_the_sample_city_is_changed_at_every_size(city: str, sit: Sit) -> None:
    """A boundary is pushed to the next main road and mended; in both languages nothing is wider than its place."""
    table = sit(city)
    page = table.page
    page.evaluate("() => review.visitCommunity(review.state.communities[10].id)")
    page.keyboard.press("g")
    table.drag(*map(table.spot, page.evaluate(NEIGHBOURS)))
    for size in ((1366, 768), (1920, 1080), (1024, 768)):
        page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        for _ in range(2):
            table.click("language")
            assert page.evaluate(WIDE) == [], size
    table.click("save")
    table.saved(1)
    assert page.evaluate("review.state.n_faults") > 0
    table.click("heal")
    page.wait_for_selector('[data-focus="accept"]', timeout=120_000)
    table.click("accept")
    table.saved(2)
    assert page.evaluate("review.state.n_faults") == 0
    assert page.evaluate("review.state.moved.blocks") > 2
