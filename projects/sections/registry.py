"""Which form a tab has, and which tabs a call asks for."""

from projects.enums import Tab
from projects.sections.basics import BasicsForm
from projects.sections.budget import BudgetForm
from projects.sections.partners import PartnersForm
from projects.sections.research import ResearchForm
from projects.sections.schedule import ScheduleForm
from projects.sections.targets import TargetsForm
from projects.sections.team import TeamForm

FORMS = {
    Tab.BASICS: BasicsForm,
    Tab.PARTNERS: PartnersForm,
    Tab.TEAM: TeamForm,
    Tab.RESEARCH: ResearchForm,
    Tab.TARGETS: TargetsForm,
    Tab.SCHEDULE: ScheduleForm,
    Tab.BUDGET: BudgetForm,
}
"""Tab → form class, in the order of the tabs. 附件 are files, not a form."""


def forms_of(call):
    """`{tab: form class}` of the tabs that the call asks for, in their order. 项目基本信息 is always one of them."""
    return {tab: form for tab, form in FORMS.items() if tab == Tab.BASICS or tab in call.tabs}
