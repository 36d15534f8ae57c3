# ---
# jupyter: {jupytext: {text_representation: {extension: .py, format_name: percent}}}
# ---
# ruff: noqa: D100, T201

# %% [markdown]
# # 换成自己的城市 · Bring your own city
#
# 需要两样东西：地块图层（带户数、人口），道路图层。这里用最常见的两种：GBK 编码、中文字段名的 shapefile，
# 以及 OpenStreetMap 的道路摘录（`.osm` 或 `.osm.pbf`）。数据由程序画出，换成自己的文件名即可。
#
# You need the blocks, with households and people, and the roads. Here they come as they most often do: a shapefile in
# GBK with Chinese columns, and an extract of OpenStreetMap. They are drawn by a program; put in your own file names.

# %%
import tempfile
from pathlib import Path

import pandas as pd
from small_town import draw_blocks, draw_roads

from redistrict import RedistrictError, check, examine_data, load_scenario, run

folder = Path(tempfile.mkdtemp(prefix="redistrict-"))
draw_blocks(folder / "blocks.shp")
draw_roads(folder / "roads.osm")

# %% [markdown]
# ## 1. 写方案文件 · Write the scenario
#
# 方案是一个 YAML 文本文件（UTF-8）。`path` 相对于方案文件；`columns` 左边是本工具的名称，右边是数据中的字段名；
# `classes` 左边是道路图层中的取值，右边是 `objective.crossing` 中的等级，没有列出的道路不计。
# 全部可用的键见 `scenarios/REFERENCE.md`。
#
# A scenario is a text file in YAML (UTF-8). Paths count from the scenario file; under `columns` our word stands left
# and the column of the data right; under `classes` the value in the data stands left and the class of
# `objective.crossing` right, and roads not listed are left out. Every key: `scenarios/REFERENCE.md`.

# %%
FIRST_TRY = """\
name: my_city
data:
  blocks:
    path: blocks.shp
    columns: {id: 编号, households: 户数, people: 人数, district: 行政区, community: 现社区}
  roads:
    - path: roads.osm
      layer: lines
      class_column: highway
      classes: {trunk: trunk, primary: primary, secondary: secondary}
      name_column: name
communities:
  target: {households: 900, people: 2700}
  tolerance: {households: 0.15, people: 0.15}
solve: {effort: 0.005}
"""
scenario_file = folder / "my_city.yaml"
scenario_file.write_text(FIRST_TRY, encoding="utf-8")

# %% [markdown]
# ## 2. 出错时会说明原因 · When something is wrong, the message says what
#
# 上面故意写错一个字段名（人数）。提示指出现有字段，照着改即可。
#
# One column is wrong on purpose. The message names the columns there are.

# %%
try:
    check(load_scenario(scenario_file))
except RedistrictError as error:
    for problem in error.problems:
        print(problem.in_language("both"))

# %%
scenario_file.write_text(FIRST_TRY.replace("people: 人数", "people: 人口"), encoding="utf-8")
scenario = load_scenario(scenario_file)

# %% [markdown]
# ## 3. 看看数据读成什么样 · See how the data are read
#
# 编码、要素个数、坐标系和范围，命令行为 `redistrict doctor 方案.yaml`。范围应在自己的城市；汉字成乱码时在
# `data.blocks` 下写 `encoding: gb18030`；没有 .prj 时写 `crs: EPSG:4547` 之类；网络地图的坐标写 `crs: gcj02`。
#
# Encoding, number of features, coordinate system and bounds; as a command: `redistrict doctor SCENARIO`. The bounds
# should lie in your city. If characters are garbled write `encoding: gb18030` under `data.blocks`; without a .prj
# write `crs: EPSG:4547` or the like; for coordinates of Chinese web maps write `crs: gcj02`.

# %%
for fact in examine_data(scenario):
    print("ok " if fact.ok else "!! ", fact.name.zh, "|", fact.value.in_language("both"))

# %% [markdown]
# ## 4. 检查总量 · Compare the totals with the limits
#
# 每个区的户均人口决定“户数”与“人口”两个目标能否同时满足；不能时放宽 `tolerance`，或写 `around: means`。
#
# People per household decide whether both targets can be met together. Where not, widen `tolerance` or write
# `around: means`.

# %%
looked_at = check(scenario)
headers, rows = looked_at.table()
print(pd.DataFrame(rows, columns=[header.zh for header in headers]).to_string(index=False))
for message in looked_at.messages():
    print(message.in_language("both"))

# %% [markdown]
# ## 5. 求解 · Run
#
# 跨路清单列出仍在社区内部的每一段道路：长度，以及路对面住着多少人。
#
# The ledger of crossings names every road left inside a community, with its metres and who lives beyond.

# %%
report = run(scenario, out=folder / "results")
for message in report.messages():
    print(message.in_language("both"))
crossings = pd.read_csv(folder / "results" / "crossings.csv", encoding="utf-8-sig")
print(crossings[["community_name", "road_class", "road_name", "length_m", "residents_beyond"]].to_string(index=False))
