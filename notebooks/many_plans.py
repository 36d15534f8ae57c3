# ---
# jupyter: {jupytext: {text_representation: {extension: .py, format_name: percent}}}
# ---
# ruff: noqa: D100, T201

# %% [markdown]
# # 不止一个方案：遍历、权衡与随机方案 · Many plans: sweeps, trade-offs and plans drawn at random
#
# 同一座小城：换几组参数各算一遍；看少动居民要多付多少代价；再看最优方案在上千个随机方案中处于什么位置。
#
# The same town: solved for several values of its keys; what it costs to move fewer residents; and where the best plan
# stands among a thousand plans drawn at random.

# %%
import tempfile
from pathlib import Path

import pandas as pd
from small_town import draw_town

from redistrict import load_points, load_scenario, make_ensemble, make_front, make_sweep, read_measures

folder = Path(tempfile.mkdtemp(prefix="redistrict-"))
scenario = load_scenario(draw_town(folder))
results = folder / "results"


def show(found: object) -> None:
    """Print the table of a job."""
    headers, rows = found.table("zh")
    print(pd.DataFrame(rows, columns=[header.zh for header in headers]).to_string(index=False))


# %% [markdown]
# ## 1. 参数遍历 · A sweep
#
# `sweep` 一节列出要换的键和值，`redistrict sweep 方案` 对每一组各求解一次；同样的问题不重复求解，中断后继续。
#
# The section `sweep` lists keys and values; `redistrict sweep SCENARIO` solves each combination, nothing twice, and
# goes on after an interruption.

# %%
(folder / "swept.yaml").write_text(
    "extends: small_town.yaml\nname: swept\nsweep: {grid: {communities.tolerance.people: [0.1, 0.15, 0.2]}}\n",
    encoding="utf-8",
)
show(make_sweep(load_points(folder / "swept.yaml"), out=results / "sweep"))

# %% [markdown]
# ## 2. 权衡前沿 · A trade-off front
#
# `redistrict front 方案 --of cost,moved`：任意两个方案都各有优劣；`front.html` 标出拐点，点击即可打开地图。
#
# `redistrict front SCENARIO --of cost,moved`: of two plans none is better in both. `front.html` marks the knee, and
# every point leads to its map.

# %%
show(make_front(scenario, read_measures("cost,moved"), 6, out=results / "front"))

# %% [markdown]
# ## 3. 随机方案 · Plans drawn at random
#
# `redistrict ensemble 方案 --plans 10000`：在同样限制下随机抽取方案，看最优方案比随机方案好多少；
# 样本不足的指标不作判断。
#
# `redistrict ensemble SCENARIO --plans 10000`: plans drawn under the same limits show how much better the best one is
# than chance. Nothing is told where the sample is too small.

# %%
found = make_ensemble(scenario, 2_000, 4, out=results / "ensemble")
show(found)
for message in found.messages():
    print(message.zh)
