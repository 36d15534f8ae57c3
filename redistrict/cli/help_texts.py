"""What `redistrict --help` and the help of each command teach, in both languages; `spoken` gives one of them.

A line that is indented is the same in both but for a remark in each, with `|` between; one with `|` at its end is in
English only, with `|` before it in Chinese only. Other lines are English, or Chinese, or first the one, then the other.
"""

REDISTRICT = """Redraw community boundaries: a scenario file and block data in, a verified plan out.
社区划分：输入方案文件和地块数据，输出经核验的方案。

\b
  redistrict check scenarios/my-city.yaml      can the limits be met? | 不求解，先检查
  redistrict run scenarios/my-city.yaml        make the plan | 求解并输出成果
  redistrict heal results/my-city --pins pins.yaml   change a plan and repair it | 修改并修复方案
  redistrict grids results/my-city --grids grids.yaml   divide communities into grids | 社区划分为网格
  redistrict review results/my-city            change it on a page, together | 多人在网页上会商修改
  redistrict verify results/my-city            judge a plan again | 重新核验成果
  redistrict pack results/my-city              PDF and DOCX to submit | 生成报批材料
  redistrict notice results/my-city            page and sheets for residents | 生成公示材料
  redistrict sign results/my-city --key office.key   answer for it (keys: make a key) | 对成果签名
  redistrict alternatives scenarios/my-city.yaml   several plans that differ, side by side | 生成备选方案
  redistrict sweep scenarios/my-city.yaml      the same for many values of its keys | 对多组参数逐一求解
  redistrict province scenarios/my-cities.yaml  every district by itself | 逐区县求解
  redistrict compare results/a results/b       choose between plans, or with today's | 方案比选
  redistrict diagnose scenarios/my-city.yaml   what is wrong with today's communities? | 社区现状诊断
  redistrict doctor scenarios/my-city.yaml     when something will not work | 排查环境与数据
  redistrict bench --export yardstick          compare programs on the same cases | 与其他程序比较

\b
Exit codes: | 退出码：
  0    done | 完成
  1    internal error, or the judge refused the plan | 内部错误或成果未通过核验
  2    wrong usage | 命令用法有误
  3    bad scenario or data, or the output folder is in the way | 方案、数据或输出位置有问题
  4    proved: no plan can meet the limits (or take exceptions: nearest) |
|   4    已证明无可行方案（可用 exceptions: nearest 取最接近的）
  5    no plan found within the effort or time allowed | 限时内未找到方案
  130  interrupted (the best plan so far is kept) | 被中断（已保留当前最好方案）
"""

RUN = """Make the plan and write it to a result folder. 求解并输出成果。

\b
  redistrict run scenarios/my-city.yaml
  redistrict run scenarios/my-city.yaml --time-limit 60 --seed 7
  redistrict run scenarios/my-city.yaml --set communities.count=12 --out trial --overwrite
  redistrict run scenarios/my-city.yaml --dry-run
  redistrict run scenarios/my-city.yaml --start results/last-year

\b
The folder holds: | 成果文件夹含：
  map.html, report.xlsx, communities.gpkg, shapefile/communities.shp, communities.geojson, boundaries.geojson,
  boundary_points.geojson, pictures/, plan.csv, report.json, scenario.yaml, manifest.json
  staffing.csv transition.csv premises.csv     workers, where they go, premises | 人员、岗位去向、用房
  lineage.csv crossings.csv bounds.csv         old and new, roads crossed, four sides | 新旧对照、跨路清单、四至
  rules.csv growth.csv                         clauses, sizes by year | 规则核对、逐年规模
  boundaries.csv boundary_points.csv           courses, boundary points | 界线走向、界址点
  grids.csv grid_list.csv                      with the section grids | 网格
  repaired_blocks.csv repaired_blocks.gpkg     with data.repair: mend | 修复记录及修复后的地块
  certificate/check_certificate.py             checks the plan with nothing but Python | 独立核对脚本

\b
Its path goes to standard output. Ctrl-C keeps the best plan so far.
成果路径写到标准输出；按 Ctrl-C 会保留当前最好的方案。
Run again after a crash or a time limit to go on from there. 中断或超时后重新运行，将从断点继续。
"""

CHECK = """Do everything short of solving: read, repair, compare totals with limits. 求解前检查。

\b
  redistrict check scenarios/my-city.yaml
  redistrict check scenarios/my-city.yaml --set communities.tolerance.people=0.15 --json
  redistrict check scenarios/my-city.yaml --html findings.html

\b
With --html or --json all that is odd about the blocks is listed, also where they are refused: severity, keys, metres,
area, place.
用 --html 或 --json 列出地块图形的全部问题（即使数据被拒绝）：程度、编号、米数、面积、位置。
"""

GRIDS = """Divide the communities of a finished plan into grids. 将已完成方案的社区划分为网格。

\b
  redistrict grids results/my-city --grids grids.yaml
  redistrict grids results/my-city --grids grids.yaml --out results/my-city-400

\b
grids.yaml, or the same section in the scenario, which `run` heeds: | grids.yaml（也可写在方案文件中，run 时一并划分）：
  grids:
    households: 400                      households of a grid to aim at | 每个网格的目标户数
    tolerance: 0.25                      300 to 500 | 允许偏差
    workers: 1                           posts of grid workers | 网格员岗位
    code: "{community}-{number:02}"      codes of grids | 编码规则
    today: {path: wangge.gpkg, columns: {id: id, name: name}}   today's grids, if known | 现有网格（可选）

\b
The folder (default RESULT_DIR-grids) is the same result, with its plan as it was, and:
成果文件夹（默认为 RESULT_DIR-grids）方案不变，另含：
  grids.csv                            the grid of each block | 地块所属网格
  grid_list.csv                        a row a grid | 网格表
  grids                                layer, sheet and view of the map | 图层、工作表和地图视图
"""

HEAL = """Change a finished plan as pins ask, and repair it: the fewest residents move. 按固定要求修改并修复方案。

\b
  redistrict heal results/my-city --pins pins.yaml
  redistrict heal results/my-city --pins pins.yaml --out results/second --dry-run

\b
pins.yaml lists what is asked, each with a reason: | pins.yaml 列出各条要求并写明理由：
  pins:
    - {reason: one committee, blocks: [B17, B18], in: East-03}   blocks in a community |
    - {reason: by the school, blocks: [B17], with: B44}          in that of a block |
    - {reason: one gate, together: [B1, B2]}                     in one community |
    - {reason: two ministries, apart: [B1, B9]}                  in different ones |
    - {reason: agreed in May, keep: East-02}                     a community as it is |
    - {reason: old village, whole: Lakeside}                     one of today's, whole |
    - {reason: too small, merge: [East-04, East-05]}             into one (1) |
    - {reason: too large, split: East-06, into: 2}               into several (1) |
    - {reason: the old name, rename: East-06, to: Lakeside}      a name |
    - {reason: one estate, estate: Lake Garden}                  all blocks of a name |
|     - {reason: 同一居委会, blocks: [B17, B18], in: 东区-03}     地块归入社区
|     - {reason: 学校旁, blocks: [B17], with: B44}                与某地块同属
|     - {reason: 同一大门, together: [B1, B2]}                    同属一个社区
|     - {reason: 两个单位, apart: [B1, B9]}                       分属不同社区
|     - {reason: 五月商定, keep: 东区-02}                         保持不变
|     - {reason: 老村, whole: 花湖社区}                           现有社区不拆分
|     - {reason: 规模过小, merge: [东区-04, 东区-05]}             合并（1）
|     - {reason: 规模过大, split: 东区-06, into: 2}               拆分（1）
|     - {reason: 沿用旧名, rename: 东区-06, to: 花湖社区}         更名
|     - {reason: 同一小区, estate: 花湖小区}                      同名小区不拆分
(1) Each part keeps more than half of an even share of its residents.
（1）每部分须保留均分数一半以上的居民。

\b
The folder (default RESULT_DIR-healed) is a result like any other, with healed/ in it:
成果文件夹（默认为 RESULT_DIR-healed）另含 healed/：
  plan_before.csv pins.yaml            the plan as it was, and what is asked | 原方案与各条要求
  changes.csv                          who moves, and why | 变动地块及理由
  heal.json                            what is proved | 证明
Where no plan keeps to the pins, exit code 4 names a smallest set that cannot hold together, and what dropping each
costs.
无法同时满足时（退出码 4）列出互相冲突的最小一组，及去掉每条的代价。
"""

REVIEW = """Change a finished plan on a page: paint, merge, split, lock, comment, repair, export. 在网页上会商修改方案。

\b
  redistrict review results/my-city
  redistrict review results/my-city --opinions opinions_zh.xlsx
  redistrict review results/my-city --port 8123 --no-browser

\b
The page opens in the browser of this machine, and nobody else can open it: the address holds a secret. Several
windows see each other's changes. Each change is on the disk, in results/my-city.review.sqlite, before the page shows
it as saved; end with Ctrl-C and go on later with the same command.
页面仅限本机打开，地址中含一次性口令；多个窗口实时同步。每次修改先写入 results/my-city.review.sqlite 再显示为
已保存；按 Ctrl-C 结束，再次运行同一命令即可继续。

\b
Export writes a result folder beside this one, as heal does, with: | 导出的成果文件夹与 heal 相同，另含：
  healed/pins.yaml     gives the same plan by `redistrict heal` | 用 heal 可得到同一方案
  healed/minutes.csv   who asked what, when, and comments | 会商记录
It needs two more libraries: python -m pip install "redistrict[review]"
需另装程序库：python -m pip install "redistrict[review]"
"""

VERIFY = """Judge a result folder again, and say what was not checked. 重新核验成果文件夹，并说明未核验的内容。

\b
  redistrict verify results/my-city
  redistrict verify results/my-city --scenario approved.yaml --json
  redistrict verify results/my-city --key office.pub
  redistrict verify from-the-office/my-city --data their-data
  redistrict verify results/my-city-sweep      every point, then table and page | 参数遍历：逐点核验，再核验表格与页面

\b
With --scenario the folder must answer the approved question, not one of its own.
用 --scenario 指定经批准的方案文件，防止成果文件夹中自带的方案文件被改动。

\b
The data are looked for where they were at the run, then beside the result (a project moved as a whole), or in the
folder of --data; only files with the SHA-256 of the run are taken.
数据先在运行时的位置查找，再在成果附近查找（整个项目一起移动时），或在 --data 指定的文件夹中查找；
仅采用 SHA-256 与运行时一致的文件。
"""

KEYS = """Make a pair of keys to sign results with. 生成用于签名的一对密钥。

\b
  redistrict keys office.key

\b
Writes office.key (secret, with a passphrase if you give one) and office.pub (for everybody). 生成私钥与公钥。
The passphrase can also stand in REDISTRICT_PASSPHRASE. 口令也可由环境变量提供。
"""

SIGN = """Judge a result again, and sign it: you answer for every file of it. 重新核验成果并签名。

\b
  redistrict sign results/my-city --key office.key --name "Civil Affairs Bureau" |
|   redistrict sign results/my-city --key office.key --name 民政局
  redistrict verify results/my-city --key office.pub

\b
Several can sign. The signature is one of minisign over manifest.json, so minisign -V checks it, too. Beside the
result runs.jsonl lists who made, packed and signed what, each line tied to the one before.
多人可分别签名；签名采用 minisign 格式。成果旁的 runs.jsonl 逐条记录何人何时生成、打包、签名。
"""

PACK = """Make the approval pack of a result: judge it again, then print it. 生成报批材料。

\b
  redistrict pack results/my-city
  redistrict pack results/my-city --out submission
  redistrict pack results/my-city --only zh

\b
The folder (default RESULT_DIR/pack) holds: | 文件夹（默认为 RESULT_DIR/pack）含：
  pack_zh.pdf    to print, maps on A3 | 供打印，图为 A3
  pack_zh.docx   the same to edit | 供编辑
  pack.json      SHA-256 of the plan, its inputs and the pack | 数据指纹
With output.language en or both there are pack_en.pdf and pack_en.docx; --only zh or en writes that one alone.
It takes a minute.
output.language 为 en 或 both 时另有 pack_en.pdf 与 pack_en.docx；--only zh 只生成中文材料。约需一分钟。
"""

NOTICE = """Make the public notice of a result: what residents look up, and what is hung out. 生成公示材料。

\b
  redistrict notice results/my-city
  redistrict notice results/my-city --set notice.period_from=2026-12-01 --set notice.period_to=2026-12-15

\b
The folder (default RESULT_DIR/notice) holds: | 文件夹（默认为 RESULT_DIR/notice）含：
  notice_zh.html    find a home, its community before and after | 居民查询页，单文件、无需联网
  sheets_zh.html    a sheet for each district, or street, and community, to print | 按区或街道、按社区分页，供打印
  opinions_zh.xlsx  a table for the opinions that come in | 意见登记表
Issuer, period, contact and how to object come from `notice:` in the scenario, steps of the procedure from `procedure:`,
or either from --set; what is not given stays an empty line.
公示单位、时间等取自方案的 notice 一节，程序各步骤取自 procedure 一节，或用 --set 补充，未填者留空。
"""

COMPARE = """Choose between plans: compare result folders with each other, or with today. 方案比选。

\b
  redistrict compare results/redraw results/merge_only
  redistrict compare results/redraw today
  redistrict compare today results/redraw results/merge_only --out results/meeting

\b
`today` stands for today's communities, as the data of the first result know them. 参数 today 表示现状。
The folder holds compare.html, compare.xlsx and compare.json. 文件夹含 compare.html、compare.xlsx、compare.json。
"""

ALTERNATIVES = """Make several plans that differ from each other and cost little more, to choose between. 生成备选方案。

\b
  redistrict alternatives scenarios/my-city.yaml
  redistrict alternatives scenarios/my-city.yaml --count 3 --apart 0.2 --dearer 0.1

\b
Any two plans differ by at least --apart of the residents: so many would change community from one to the other.
None costs over --dearer more than plan 1, which is the one that run makes. All obey the scenario.
任意两个方案之间至少有 --apart 的居民所属社区不同；代价比方案 1（即 run 的方案）最多高 --dearer；均符合方案文件。

\b
The folder (default results/NAME-alternatives) holds: | 文件夹（默认为 results/NAME-alternatives）含：
  alternatives.html   all plans side by side: maps, what each does otherwise | 并排比较：地图与差异
  alternatives.csv    one row a plan | 每个方案一行
  1/ 2/ ...           a result folder each, as run makes them | 各方案的完整成果文件夹
Where fewer are found, that is said; it proves nothing. 找不到足够的方案时会说明，但不证明不存在。
Run again after a crash or a time limit to go on from there. 中断或超时后重新运行，将从断点继续。
"""

FRONT = """Find plans of which none is better in every measure: what less of one costs in another. 权衡前沿。

\b
  redistrict front scenarios/my-city.yaml
  redistrict front scenarios/my-city.yaml --of crossing,moved,balance --count 30

\b
Measures: one of cost and crossing, and one or more others: | 指标：cost 与 crossing 任选其一，另加一个以上：
  cost          the cost of the scenario | 方案文件的总代价
  crossing      the part of it for main roads inside communities | 其中穿越道路的部分
  moved         residents whose community changes | 变更社区的居民
  balance       the largest deviation from the target | 与目标规模的最大偏差
  compactness   how far the least compact outline is from a circle | 最不紧凑的社区轮廓
  count         communities, where the scenario leaves a choice | 社区数（须为范围）

\b
The folder (default results/NAME-front) holds: | 文件夹（默认为 results/NAME-front）含：
  front.html   the plans as points, a click from each map; the knee is marked | 散点图与表，点击打开地图，标出拐点
  front.csv    one row a plan | 每个方案一行
  01/ 02/ ...  a result folder each, as run makes them | 各方案的完整成果文件夹
All obey the scenario. That no better plans exist is not proved. 均符合方案文件；并未证明不存在更好的方案。
Run again after a crash or a time limit to go on from there. 中断或超时后重新运行，将从断点继续。
"""

CLUSTER = """Do the tasks on several machines, by Dask. 用多台机器计算（Dask）。

\b
  redistrict cluster local --workers 4
  redistrict run scenarios/my-city.yaml --cluster tcp://127.0.0.1:8786

\b
run, alternatives, front, ensemble and sweep take --cluster ADDRESS: the same tasks go to the workers of a scheduler
that runs there, and the answers are the same. Reading, judging and writing stay on this machine.
run、alternatives、front、ensemble、sweep 均可加 --cluster 地址：同样的任务交给该调度器的工作进程，结果相同；
读取、核验和输出仍在本机。
Needs libraries, on all machines: pip install "redistrict[cluster]"
所有机器均需另装程序库：pip install "redistrict[cluster]"
"""

CLUSTER_LOCAL = """Serve a scheduler and workers on this machine, for a trial. 在本机启动调度器和工作进程（试用）。

\b
  redistrict cluster local --workers 4 --port 8786

The address is printed; none but this machine reaches it. Ctrl-C ends it. 显示的地址仅本机可用；按 Ctrl-C 结束。
"""

ENSEMBLE = """Draw thousands of valid plans at random, and see where the best one stands. 随机方案集合。

\b
  redistrict ensemble scenarios/my-city.yaml
  redistrict ensemble scenarios/my-city.yaml --plans 40000 --chains 8

\b
The plan of `run` is found first. Then several chains of a random walk draw plans under the same limits (bounds,
districts, pins, ...); prices play no part. Where the sample is too small to tell something it is not told.
先求出 run 的方案，再由多条随机游走链在同样限制下抽取方案（不考虑代价）；样本不足之处不作判断。

\b
The folder (default results/NAME-ensemble) holds: | 文件夹（默认为 results/NAME-ensemble）含：
  ensemble.html    where the plan stands in each measure; how many plans have a border where | 各指标位置与分界频率图
  ensemble.csv     one row a measure: percentiles, effective plans, R-hat | 每个指标一行
  plans.csv        one row a plan drawn | 每个随机方案一行
  neighbours.csv   how often each block lies with each neighbour | 相邻地块同属一个社区的占比
  plan/            the plan, as run makes it | run 的方案
  chain-1/ ...     the last plan of each chain, judged | 各链最后一个方案，经核验
Run again after a crash or a time limit to go on from there. 中断或超时后重新运行，将从断点继续。
Needs a library: pip install "redistrict[ensemble]" | 需另装程序库：pip install "redistrict[ensemble]"
"""

SWEEP = """Solve a scenario for many values of its keys, each point a full result. 对方案的键取多组值逐一求解。

\b
  redistrict sweep scenarios/my-city.yaml --dry-run
  redistrict sweep scenarios/my-city.yaml

\b
In the scenario, with keys as --set takes them: | 写在方案文件中，键的写法同 --set：
  sweep:
    grid:                                 every value of one with every value of the others | 各键取值的全部组合
      communities.count: [80, 83, 86]
      solve.seed: [1, 2]
    list:                                 and these besides | 另加以下各点
      - {communities.tolerance.people: 0.15}
      - {}                                the scenario as it stands | 方案原样
    most: 50                              more are refused before anything is solved | 点数上限

\b
The folder (default results/NAME-sweep) holds: | 文件夹（默认为 results/NAME-sweep）含：
  sweep.html    all points, one row each | 各点对比页，每点一行
  sweep.csv     the same as a table | 同样内容的表格
  sweep.json    why points have no plan; what was solved, read and reused | 无方案的原因；求解与复用次数
  points/...    a result folder each, as run makes them | 各点的完整成果文件夹
A point without a plan is a row with its reason, and never stops the others. Ctrl-C keeps what is finished; run again to
go on from there: points whose scenario, data and version are the same are not solved again.
无方案的点注明原因，不影响其他点。按 Ctrl-C 会保留已完成的点；再次运行从断点继续，方案、数据与版本均未变的点不会重算。
"""

PROVINCE = """Solve every district of a large data set by itself: hundreds of districts in one go. 全域逐区县求解。

\b
  redistrict province scenarios/my-province.yaml --dry-run
  redistrict province scenarios/my-province.yaml

The scenario is one as run takes it, over the blocks of all districts (data.blocks.columns.district). The blocks are
split by district, roads, barriers and structures go with the districts they are near; each district is then read,
solved, judged and delivered by itself, several at a time (--workers), never more than one to a process in memory.
方案文件与 run 相同，地块包含全部区县；数据按区县拆分后，逐区县读取、求解、核验并输出，多进程并行，
每个进程的内存只取决于最大的区县。

\b
The folder (default results/NAME-province) holds: | 文件夹（默认为 results/NAME-province）含：
  sweep.html      a map of all districts, a click away from each one's own, and a table | 全域地图（点击进入区县）与总表
  sweep.csv       the table | 总表
  sweep.json      why districts have no plan | 无方案的原因
  points/...      a result folder for each district, as run makes them | 各区县的完整成果文件夹
  data/...        the blocks and roads of each district | 各区县的地块与道路
  districts.gpkg  outlines of the districts, coarse | 各区县的概略轮廓
A district without a plan, with unreadable rows, or whose process dies is a row with its reason, and never stops the
others. Ctrl-C ends the searches that run and keeps what they found; run again to go on. `verify` judges all of it.
没有方案、数据有误或进程中断的区县注明原因，不影响其他区县。按 Ctrl-C 结束正在进行的搜索并保留所得；再次运行从断点继续。
可用 verify 核验全部成果。
"""

DIAGNOSE = """Look at today's communities: sizes, shapes, roads inside, premises, staff. 社区现状诊断。

\b
  redistrict diagnose scenarios/my-city.yaml
  redistrict diagnose scenarios/my-city.yaml --out results/today

\b
With --out the folder holds: | 指定 --out 时输出：
  diagnosis.csv, districts.csv, diagnosis.json, histogram.png/.svg, faults.png/.svg
"""

SCHEMA = "Print the JSON schema of scenario files, as in scenarios/schema.json. 输出方案文件的 JSON Schema。"

DOCTOR = "Say what this machine, and a scenario's files, look like. 检查运行环境与数据文件。"

BENCH = """Compare with other programs on the same weights and time; run it in the project's folder. 基准对比。

\b
  redistrict bench --list
  redistrict bench huangshi cambridge --out results/bench
  redistrict bench --peers metis,kahip --time-s 30
  redistrict bench --export yardstick          the cases as JSON, for any program | 导出算例
  redistrict bench --check yardstick           judge what is in yardstick/answers | 核对答案

\b
Writes: | 输出：
  results.json, table.md, cost_over_time.png/.svg, time_over_size.png/.svg
  answers/    every contestant's plan, for --check | 各参赛者的方案，可供核对
--export writes: | --export 输出：
  README.md   the formats | 格式说明
  instances/  referee/   the cases; judges with nothing but Python | 算例；独立核对程序
--check writes: | --check 输出：
  contest.html   all contestants; exit code 1 if an answer is not valid | 全部参赛者；有答案不合格时退出码为 1
Peers come with: uv sync --group bench | 对手程序安装：uv sync --group bench
"""
