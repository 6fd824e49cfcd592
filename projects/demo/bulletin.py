"""The 通知公告 of the demo: one pinned, one for everybody, one for units, one for 个人, one that is over."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from accounts.models import User
from orgs.actors import Actor
from orgs.enums import Role
from projects.demo.cast import OFFICER
from projects.enums import Audience
from projects.models import Announcement
from projects.services.announcements import create_announcement, publish_announcement, save_announcement
from zhgg.kit.clock import database_now


@dataclass(frozen=True)
class DemoAnnouncement:
    """Published `days` ago, and over `lasts` days later (0: until it is taken back). `before` is its first title."""

    days: float
    title: str
    audience: Audience
    body: str
    form_key: str
    pinned: bool = False
    lasts: float = 0
    before: str = ""


ANNOUNCEMENTS = (
    DemoAnnouncement(
        days=6.4,
        title="关于做好年度科技计划项目集中申报工作的通知（虚构）",
        before="关于做好年度科技计划项目申报工作的通知（虚构）",
        audience=Audience.ALL,
        pinned=True,
        form_key="6f0d3c62-0a52-4f0e-9d57-6a3a1e0d0001",
        body="""各有关单位：

年度科技计划项目集中申报已经开始，请按申报通知的要求组织申报。

## 申报程序

1. 项目负责人先完善**个人信息**，审核通过后填写申报书；
2. 二级单位、法人单位逐级审核；
3. 法人单位提交至科技局。

## 时间

| 事项 | 截止 |
| --- | --- |
| 负责人提交 | 各批次的申报截止 |
| 单位审核 | 各批次的单位审核截止 |

请错开截止当天的高峰，**尽早提交**。政策原文见[科技局网站](https://kjj.cq.gov.cn)。
""",
    ),
    DemoAnnouncement(
        days=3.2,
        title="申报书审核时限为 5 个工作日（虚构）",
        audience=Audience.UNIT,
        form_key="6f0d3c62-0a52-4f0e-9d57-6a3a1e0d0002",
        body="""各法人单位：

收到申报书后，请在 **5 个工作日**内完成审核。超过时限的，系统会提醒单位联系人。

- 退回时请写清原因，方便负责人一次改好；
- 截止前一周，待审核的申报书可以批量办理。
""",
    ),
    DemoAnnouncement(
        days=2.1,
        title="个人信息常见退回原因（虚构）",
        audience=Audience.PERSON,
        form_key="6f0d3c62-0a52-4f0e-9d57-6a3a1e0d0003",
        body="""近期个人信息审核不通过的，主要是以下原因，提交前请对照检查：

- 职称、最高学位与证书不一致；
- 工作单位选错，或没有选择二级单位；
- 佐证材料不清晰。
""",
    ),
    DemoAnnouncement(
        days=30,
        lasts=14,
        title="系统试运行期间的技术支持安排（虚构）",
        audience=Audience.ALL,
        form_key="6f0d3c62-0a52-4f0e-9d57-6a3a1e0d0004",
        body="试运行期间，技术支持电话工作日 9:00 至 21:00 有人接听。",
    ),
)


def plan_announcements(timeline):
    """Have the officer write and publish them."""
    for each in ANNOUNCEMENTS:
        timeline.add(each.days, _publish, each)


def end_announcements():
    """Give those that last only for a while their end, counted from when they are said to have been published."""
    for each in ANNOUNCEMENTS:
        if each.lasts:
            found = Announcement.objects.get(title=each.title)
            Announcement.objects.filter(pk=found.pk).update(shows_until=found.shows_from + timedelta(days=each.lasts))


def _publish(each):
    officer = Actor(User.objects.get(username=OFFICER), Role.BUREAU)
    values = {
        "title": each.before or each.title,
        "audience": [each.audience],
        "pinned": each.pinned,
        "shows_from": database_now(),
        "shows_until": None,
        "body": each.body,
    }
    made = create_announcement(actor=officer, values=values, form_key=UUID(each.form_key))
    if each.before:
        values["title"] = each.title
        made = save_announcement(actor=officer, announcement_id=made.pk, version=made.version, values=values)
    publish_announcement(actor=officer, announcement_id=made.pk, version=made.version)
