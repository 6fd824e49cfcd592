"""Names and numbers that belong to nobody, as a function of a serial number. They never meet those of the small demo:
its serial numbers stay below `FIRST`, and sequences of its 证件号码 below 500."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from zhgg.kit.identifiers import synthetic

FIRST = 1000
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蔡蒋余于杜叶程魏苏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_COMPOUND = ("欧阳", "司马", "上官", "诸葛", "令狐", "皇甫")
_MARKS = "样例拟试测"
_GIVEN = (
    "伟芳娜敏静强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国志文辉力鹏宇浩凯健俊帆雪琳佳慧颖欣怡婷悦晨阳博雅诗涵梓轩子睿"
    "思源嘉懿清舒宁安和远山川云海江河松柏竹梅林森峰岩泽润澜溪沐禾谷丰年岁朝夕星月光景行知言信义礼德才学问书画琴棋"
)
_RARE = "𠀀𠀁𬀩𫖯𬭎𬍛𬭚𬬻𬜬𬸚𫓧𫍲"
_PEOPLES = ("阿依古丽", "买买提", "扎西多吉", "阿卜杜热合曼", "央金卓玛")
_MAJORS = ("软件工程", "机械工程", "生物化学", "材料学", "环境工程", "人工智能", "药理学", "控制工程", "")
_KINDS = (("研究院", "12"), ("科技有限公司", "91"), ("大学", "12"), ("医院", "12"), ("装备有限公司", "91"))
_FIELDS = ("智能", "材料", "生物", "环境", "能源", "电子", "农业", "医药", "交通", "航空", "软件", "测绘")
_BIRTHDAYS = 12_000
# Prime to _BIRTHDAYS, so that neighbours differ and nobody comes twice.
_STRIDE = 7919


def seal_id(kind, serial):
    """The `seal_id` of a row."""
    return uuid.UUID(bytes=hashlib.md5(f"{kind}/{serial}".encode(), usedforsecurity=False).digest(), version=4)


def spread(serial, most):
    """A number from 0 to `most` - 1 that looks as if drawn by lot."""
    return int.from_bytes(hashlib.blake2b(serial.to_bytes(8), digest_size=8).digest()) % most


@dataclass(frozen=True)
class Invented:
    """What is known about a person from their serial number (0 to 2,993,999)."""

    serial: int

    @property
    def is_male(self):
        return self.serial % 2 == 0

    @property
    def born(self):
        """Between 1966 and 1998."""
        return date(1966, 1, 1) + timedelta(days=self.serial * _STRIDE % _BIRTHDAYS)

    @property
    def id_number(self):
        """证件号码, another one for each."""
        sequence = 500 + self.serial // _BIRTHDAYS * 2 + (1 if self.is_male else 0)
        return synthetic.synthetic_resident_id(self.born, sequence)

    @property
    def mobile(self):
        return synthetic.synthetic_mobile(1_000_000 + self.serial)

    @property
    def email(self):
        return f"scale{self.serial}@example.com"

    @property
    def name(self):
        """Two to four characters; one in twenty has a rare one, one in a hundred a ·."""
        lot = spread(self.serial, 10**9)
        mark = _MARKS[lot % 5]
        if lot % 100 == 7:
            return f"{_PEOPLES[lot // 100 % 5]}·{mark}{_PEOPLES[lot // 500 % 5]}"
        surname = _COMPOUND[lot // 100 % 6] if lot % 100 == 8 else _SURNAMES[lot // 100 % len(_SURNAMES)]
        if lot % 20 == 9:
            return surname + mark + _RARE[lot // 10_000 % len(_RARE)]
        if lot % 10 == 4:
            return surname + mark
        return surname + mark + _GIVEN[lot // 10_000 % len(_GIVEN)]

    @property
    def major(self):
        return _MAJORS[self.serial % len(_MAJORS)]


def unit_name(serial):
    """The name of a unit, another one for each."""
    return f"重庆样例{_FIELDS[serial % len(_FIELDS)]}{serial}{_kind(serial)[0]}（虚构）"


def unit_uscc(serial):
    """The 统一社会信用代码 of a unit (serial up to about 900,000)."""
    return synthetic.synthetic_uscc(FIRST + serial, _kind(serial)[1])


def _kind(serial):
    return _KINDS[serial % len(_KINDS)]


def department_name(position):
    """The name of a 二级单位, another one for each position within a unit."""
    return f"{_FIELDS[position % len(_FIELDS)]}样例{position + 1}所"
