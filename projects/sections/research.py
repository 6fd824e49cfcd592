"""研究内容"""

from projects.sections.base import SectionForm
from projects.sections.fields import ReferencesField
from zhgg.kit.formfields.texts import TextField


def _text(label, least, most, *, required=True, rows=10):
    span = f"{least:,} 至 {most:,} 字" if least else f"最多 {most:,} 字"
    return TextField(label=label, min_length=least, max_length=most, required=required, rows=rows, help_text=span)


class ResearchForm(SectionForm):
    """研究内容与技术路线, in words. Pictures of the 技术路线 are attachments."""

    background = _text("立项背景与意义", 200, 3000)
    state_of_art = _text("国内外研究现状", 200, 3000)
    content = _text("研究内容与关键问题", 300, 5000, rows=14)
    route = _text("技术路线", 200, 5000, rows=14)
    innovation = _text("创新点", 100, 1500)
    foundation = _text("研究基础与条件", 200, 3000)
    risks = _text("风险与对策", 0, 1500, required=False, rows=5)
    references = ReferencesField(
        label="参考文献",
        max_length=20000,
        most_lines=50,
        required=False,
        rows=6,
        help_text="每行一条，最多 50 条",
    )

    sections = [
        ("立项依据", ["background", "state_of_art"]),
        ("研究内容与技术路线", ["content", "route", "innovation"]),
        ("基础与风险", ["foundation", "risks", "references"]),
    ]
    spans = dict.fromkeys(
        ("background", "state_of_art", "content", "route", "innovation", "foundation", "risks", "references"), "full"
    )
