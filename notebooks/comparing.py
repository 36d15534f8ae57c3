# ---
# jupyter: {jupytext: {text_representation: {extension: .py, format_name: percent}}}
# ---
# ruff: noqa: D100, T201

# %% [markdown]
# # 开会前比较几个方案 · Comparing scenarios for a meeting
#
# 同一座小城，三种设想：自由重划、尽量少动居民、社区再大一些。各算一遍，并排列表。
#
# The same town under three ideas: redrawn freely, few residents moved, larger communities. Each is run, then they
# stand side by side.

# %%
import tempfile
from pathlib import Path

import pandas as pd
from small_town import draw_town

from redistrict import compare, load_scenario, run

folder = Path(tempfile.mkdtemp(prefix="redistrict-"))
draw_town(folder)

# %% [markdown]
# ## 1. 只写不同之处 · Write only what differs
#
# 用 `extends` 以一个方案为底，新方案只写要改的几行，其余照旧，这样比较才公平。
#
# With `extends` a scenario holds only what differs from another, so that all else stays equal.

# %%
IDEAS = {
    "few_moved": "objective: {disruption: 2}\n",  # 每名换社区的居民计 2 加权米 · 2 weighted metres a resident
    "larger": "communities: {target: {households: 1200, people: 3650}}\n",
}
for name, differs in IDEAS.items():
    (folder / f"{name}.yaml").write_text(f"extends: small_town.yaml\nname: {name}\n{differs}", encoding="utf-8")

# %% [markdown]
# ## 2. 逐个求解 · Run each

# %%
names = ["small_town", *IDEAS]
results = folder / "results"
for name in names:
    run(load_scenario(folder / f"{name}.yaml"), out=results / name)

# %% [markdown]
# ## 3. 并排比较 · Side by side
#
# `redistrict compare 成果 成果 ...` 把各方案与现状（`today`）并排列出，并写出可在浏览器中打开的 `compare.html` 和表格
# `compare.xlsx`。目标规模不同的方案，代价不能直接相比；社区数、社区工作者、换社区的居民和社区内的主干路可以。
#
# `redistrict compare RESULT RESULT ...` puts the plans and today's communities (`today`) side by side, and writes
# `compare.html` for the browser and `compare.xlsx`. Costs under different targets do not compare; numbers of
# communities, staff, residents moved and main roads inside communities do.

# %%
comparison = compare(["today", *(str(results / name) for name in names)], out=results / "meeting")
headers, rows = comparison.table("zh")
print(pd.DataFrame(rows, columns=[header.zh for header in headers]).to_string(index=False))

# %% [markdown]
# ## 4. 带到会上 · Take it to the meeting
#
# 每个文件夹里的 `map.html` 可以直接投影，`pictures/` 中的图可以贴进演示文稿；
# 选定之后用 `redistrict pack 成果文件夹` 生成报批材料（PDF 和 DOCX）。
#
# Each `map.html` can be shown on a projector, `pictures/` go into slides, and `redistrict pack FOLDER` makes the
# approval pack (PDF and DOCX) of the one that was chosen.

# %%
print(results / "meeting" / "compare.html")
