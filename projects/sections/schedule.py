"""进度安排"""

from projects.sections.base import RowForm, RowsSpec, SectionForm
from zhgg.kit.formfields.texts import LineField, TextField
from zhgg.kit.months import MonthField


class StageForm(RowForm):
    """One stage of the 进度安排."""

    starts_on = MonthField(label="开始年月", help_text="例如 2027-01")
    ends_on = MonthField(label="结束年月")
    responsible = LineField(label="负责单位", max_length=100, required=False)
    content = TextField(label="工作内容", min_length=20, max_length=500, rows=3, span="full", help_text="20 至 500 字")
    goal = TextField(label="阶段目标", min_length=10, max_length=300, rows=2, span="full", help_text="10 至 300 字")

    def check_together(self, cleaned):
        start, end = cleaned.get("starts_on"), cleaned.get("ends_on")
        if start and end and end < start:
            self.add_error("ends_on", "结束年月应不早于开始年月")


class ScheduleForm(SectionForm):
    """进度安排: the stages, from the first month of the project to the last."""

    tables = (RowsSpec("stages", "进度安排", "阶段", StageForm, most=24, fewest=1),)
