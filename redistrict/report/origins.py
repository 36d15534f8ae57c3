"""What the facts of a provenance and the inputs of a scenario are called in papers."""

import re

from redistrict.messages import Message, plain

_FACTS = {
    "redistrict": Message("redistrict", "本程序版本"),
    "python": Message("Python", "Python"),
    "machine": Message("machine", "运行环境"),
    "geos": Message("GEOS", "GEOS"),
    "gdal": Message("GDAL", "GDAL"),
    "packages": Message("library", "程序库"),
    "scenario": Message("scenario", "方案"),
    "scenario_sha256": Message("SHA-256 of the scenario", "方案指纹（SHA-256）"),
    "effort": Message("effort", "搜索量"),
    "data": Message("data", "数据"),
    "date": Message("date", "日期"),
    "licence": Message("licence", "许可"),
    "inputs": Message("input", "输入数据"),
    "key": Message("contents", "内容"),
    "file": Message("file", "文件"),
    "layer": Message("layer", "图层"),
    "sha256": Message("SHA-256", "指纹（SHA-256）"),
    "font": Message("font", "字体"),
}
_INPUTS = {
    "data.blocks": Message("blocks", "地块"),
    "data.blocks.counts": Message("counts of blocks", "地块户数人口"),
    "data.blocks.spread": Message("people to spread over blocks", "待分摊人口"),
    "data.roads": Message("roads", "道路"),
    "data.barriers": Message("barriers", "水域、铁路、山体"),
    "data.structures": Message("structures", "桥梁、通道、信号灯"),
    "data.current": Message("communities today", "现有社区"),
    "data.premises": Message("premises", "办公服务用房"),
    "data.projects": Message("projects", "在建项目"),
    "data.start": Message("plan to start from", "起始方案"),
    "levels": Message("level", "层级"),
    "grids.today": Message("grids today", "现有网格"),
}
_NUMBERED = re.compile(r"([\w.]+?)(?:\[(\d+)\](?:\.layer)?)?")


def name_input(key: str) -> Message:
    """Give the name of an input by its key in the scenario; of several of a kind, with its number from 1."""
    found = _NUMBERED.fullmatch(key)
    if found is None or found[1] not in _INPUTS:
        return plain(key)
    word = _INPUTS[found[1]]
    if found[2] is None:
        return word
    n = int(found[2]) + 1
    return Message(f"{word.en} {n}", f"{word.zh} {n}")


def name_fact(path: str) -> Message:
    """Give the name of a fact of the provenance by its keys with dots between them: ``inputs.1.sha256``."""
    words = [_FACTS.get(part, plain(part)) for part in path.split(".")]
    return Message(" ".join(word.en for word in words), " ".join(word.zh for word in words))
