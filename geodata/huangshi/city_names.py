"""Invented names: two-character place names with their romanisation, never used twice for the same thing."""

from collections.abc import Iterator

import numpy as np

_FIRST = (
    "青qing 红hong 新xin 东dong 南nan 西xi 长chang 金jin 银yin 玉yu 龙long 凤feng 花hua 江jiang 湖hu 石shi 柳liu 桂gui "
    "枫feng 松song 竹zhu 梅mei 荷he 春chun 安an 和he 永yong 兴xing 福fu 白bai 清qing 云yun 月yue 芦lu 沙sha"
)
_SECOND = (
    "山shan 桥qiao 塘tang 岭ling 湾wan 园yuan 港gang 坡po 林lin 泉quan 台tai 畈fan 嘴zui 墩dun 阳yang 宁ning 华hua "
    "庄zhuang 溪xi 洲zhou 堤di 井jing 亭ting 屏ping"
)
_FAMILIES = (
    "柳liu 胡hu 程cheng 占zhan 石shi 曹cao 冯feng 罗luo 邓deng 袁yuan 卢lu 余yu 姜jiang 费fei 方fang 熊xiong 柯ke 纪ji"
)


def _split(text: str) -> list[tuple[str, str]]:
    return [(word[0], word[1:]) for word in text.split()]


def place_names(rng: np.random.Generator) -> Iterator[tuple[str, str]]:
    """Give invented place names one after the other in random order, no two alike in Chinese or in English."""
    pairs = [(a, b) for a in _split(_FIRST) for b in _split(_SECOND) if a[1] != b[1]]
    taken: set[str] = set()
    for k in rng.permutation(len(pairs)).tolist():
        (first, sound), (second, ending) = pairs[k]
        name_en = (sound + ending).capitalize()
        if name_en not in taken:
            taken.add(name_en)
            yield first + second, name_en


def family_villages() -> list[tuple[str, str]]:
    """Give village names after families: 柳家湾 Liujiawan and so on."""
    return [(f"{zh}家湾", f"{en.capitalize()}jiawan") for zh, en in _split(_FAMILIES)]


def street_names(rng: np.random.Generator, road_class: str) -> Iterator[tuple[str, str]]:
    """Give invented street names of a class; lanes share a place name and are numbered."""
    endings = {
        "secondary": (("路", "Road"),),
        "tertiary": (("街", "Street"),),
        "residential": tuple((f"{zh}巷", f"Lane {k}") for k, zh in enumerate("一二三四五六", start=1)),
    }[road_class]
    names = list(place_names(rng))
    for zh_end, en_end in endings:
        for zh, en in names:
            yield zh + zh_end, f"{en} {en_end}"
