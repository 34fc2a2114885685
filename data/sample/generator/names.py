"""Invented places, industries and companies."""

from __future__ import annotations

import random
from dataclasses import dataclass

COUNTY = "云泽县"
TOWNSHIPS = ("城东街道", "青石镇", "柳塘镇", "白湖镇", "南浦乡")


@dataclass(frozen=True)
class Industry:
    """One division: firms, medians (tax/mu, output/mu, output/tce), fuel share, words, codes."""

    division: str
    firms: int
    tax: float
    output: float
    per_tce: float
    fuel: float
    words: tuple[str, ...]
    codes: tuple[str, ...]


INDUSTRIES = (
    Industry("13", 20, 3, 180, 14, 0.2, ("粮油", "饲料", "农产品加工"), ("1310", "1320", "137")),
    Industry("14", 15, 6, 220, 18, 0.3, ("食品", "调味品"), ("1411", "1461", "14")),
    Industry("17", 72, 5, 160, 6, 0.5, ("纺织", "印染", "化纤纺织"), ("1711", "C1752", "1713")),
    Industry("18", 40, 7, 150, 25, 0.0, ("服饰", "制衣", "服装"), ("1811", "1821", "C18")),
    Industry("19", 5, 5, 140, 22, 0.0, ("鞋业", "皮具"), ("1951", "1922")),
    Industry("21", 14, 4, 120, 20, 0.0, ("家具", "木业家居"), ("2110", "C2130")),
    Industry("22", 12, 6, 170, 4, 0.6, ("纸业", "包装纸品"), ("2221", "2231")),
    Industry("24", 13, 6, 150, 22, 0.0, ("文具", "玩具", "体育用品"), ("2411", "2451")),
    Industry("26", 26, 14, 380, 5, 0.5, ("化工", "新材料", "助剂"), ("2614", "C2661", "265")),
    Industry("28", 4, 10, 420, 6, 0.3, ("化纤", "纤维"), ("2822", "2829")),
    Industry("29", 38, 7, 210, 8, 0.1, ("塑业", "橡塑", "塑胶制品"), ("2921", "2926", "C2913")),
    Industry("30", 28, 5, 150, 2.5, 0.7, ("建材", "水泥制品", "玻璃"), ("3021", "3041", "303")),
    Industry("33", 70, 7, 200, 9, 0.1, ("金属制品", "五金", "铝业"), ("3311", "C3351", "3360")),
    Industry("34", 62, 9, 240, 16, 0.0, ("机械", "泵阀", "轴承"), ("3441", "3451", "C3484")),
    Industry("35", 38, 10, 260, 20, 0.0, ("装备", "模具", "专用设备"), ("3525", "3551")),
    Industry("36", 10, 13, 380, 18, 0.0, ("汽车零部件", "车灯"), ("3670", "C3660")),
    Industry("38", 56, 12, 340, 22, 0.0, ("电气", "电器", "线缆"), ("3812", "3831", "C3857")),
    Industry("39", 15, 16, 450, 30, 0.0, ("电子", "光电"), ("3982", "3971")),
    Industry("40", 2, 15, 300, 35, 0.0, ("仪表",), ("4011",)),
    Industry("42", 4, 4, 160, 7, 0.1, ("再生资源",), ("4210", "4220")),
    Industry("44", 3, 6, 200, 2, 0.6, ("热电", "供热"), ("4430", "D4412")),
    Industry("46", 2, 2, 40, 8, 0.0, ("水务",), ("4610", "4620")),
    Industry("51", 4, 5, 300, 60, 0.0, ("物资", "贸易"), ("5165", "F5172")),
    Industry("52", 4, 4, 250, 50, 0.0, ("商贸", "家居广场"), ("5282", "5211")),
)

_FIRST = "恒瑞德华鑫盛禾川远景翔隆泰和丰润嘉凯润达博纳启明东晨宏图锦绣佳兴永康元亨天衡青岚云帆海棠"
_SECOND = "禾源达腾泽升茂辉邦诚益力坤宁科伟捷创越峰洲桥林溪原野桐梓枫榆楠"
_PREFIX = ("云泽", "云泽", "云泽县", "青石", "柳塘", "浙云", "")
_SUFFIX = ("有限公司", "有限公司", "有限公司", "股份有限公司", "(云泽)有限公司", "厂")


def company(rng: random.Random, word: str, taken: set[str]) -> str:
    """A company name that no other company of the county bears."""
    while True:
        core = rng.choice(_FIRST) + rng.choice(_SECOND)
        name = f"{rng.choice(_PREFIX)}{core}{word}{rng.choice(_SUFFIX)}"
        if name not in taken:
            taken.add(name)
            return name
