# ---
# jupyter: {jupytext: {text_representation: {extension: .py, format_name: percent}}}
# ---
# ruff: noqa: D100, T201

# %% [markdown]
# # 第一次运行，看懂成果 · A first run, and how to read it
#
# 本例的小城由程序画出（合成数据）：48 个地块、两个区、现有 10 个社区，不到一分钟即可算完，全程不需要联网。
#
# The town is drawn by a program (synthetic data): 48 blocks, two districts, 10 communities today. It takes less than
# a minute, and nothing is fetched from the internet.

# %%
import json
import tempfile
from pathlib import Path

import pandas as pd
from small_town import draw_town

from redistrict import check, load_scenario, run, verify

folder = Path(tempfile.mkdtemp(prefix="redistrict-"))
scenario = load_scenario(draw_town(folder))

# %% [markdown]
# ## 1. 先检查，再求解 · Check before you run
#
# 检查只读数据、算总量，不求解：每个区有多少户、多少人，能划几个社区。命令行为 `redistrict check 方案.yaml`。
#
# The check reads and adds up, it does not solve: what each district holds, and how many communities fit. As a
# command: `redistrict check SCENARIO`.

# %%
headers, rows = check(scenario).table()
print(pd.DataFrame(rows, columns=[header.in_language("both") for header in headers]).T.to_string(header=False))

# %% [markdown]
# ## 2. 求解 · Run
#
# 命令行为 `redistrict run 方案.yaml`。成果先经独立核验，通过后才整体写入文件夹。
#
# As a command: `redistrict run SCENARIO`. The folder appears whole, after the independent judge has said ok.

# %%
results = folder / "results"
report = run(scenario, out=results)
for message in report.messages():
    print(message.in_language("both"))

# %% [markdown]
# 最后几句怎么读 · How to read these sentences:
#
# - **偏差**：最大、最小的社区与目标相差百分之几。*Deviation*: how far the largest and smallest are off the target.
# - **总代价、下界、差距**：代价以“加权米”计，越小越好；任何方案都不会低于下界；差距只说明已证明到什么程度，
#   不等于与最好方案的距离。*Cost, bound, gap*: weighted metres, the less the better; no plan can go below the bound;
#   the gap is what is proved, not how far the plan is from the best.
# - **居民换社区的比例**：新社区沿用多数居民原来所在社区的名称，其余居民算作换社区。*Residents who change community*:
#   a new community keeps the name of the one most of its residents come from; all others count as moved.

# %% [markdown]
# ## 3. 成果文件 · The files
#
# 用浏览器打开 `map.html`（不需要联网）。点一个社区看它的规模、四至和去向；道路颜色表示等级，社区内部仍有主干路
# 的地方单独标出。给领导看图用 `pictures/`，做表用 `report.xlsx`，在 QGIS 中打开 `communities.gpkg`。
#
# Open `map.html` in a browser; it needs no internet. Click a community for its sizes and four bounds; main roads that
# lie inside a community are marked. `pictures/` is for slides, `report.xlsx` for tables, `communities.gpkg` for QGIS.

# %%
for path in sorted(results.iterdir()):
    print(path.name)
print("地图 · the map:", results / "map.html")

# %% [markdown]
# ## 4. 数字都在 report.json · Every number is in report.json

# %%
numbers = json.loads((results / "report.json").read_text(encoding="utf-8"))
columns = ["community", "district", "households", "people", "workers"]
print(pd.DataFrame(numbers["communities"]).filter(columns).to_string(index=False))

# %% [markdown]
# ## 5. 随时可以重新核验 · Judge it again at any time
#
# 别人改动过的成果，用 `redistrict verify 成果文件夹` 再核验一遍。
#
# `redistrict verify FOLDER` judges a folder again, also after somebody changed it by hand.

# %%
print("通过 ok" if verify(results).ok else "未通过 refused")
