"""Rules that span several tabs, or a tab and the PI or the unit. Each takes the stored tabs and yields Gaps."""

from datetime import timedelta

from django.utils import timezone

from accounts.identity import identity_digest
from orgs import codes
from projects.completeness.gap import Gap, in_tab
from projects.enums import Tab
from projects.money import ZERO, added_up, amount
from zhgg.kit.months import months_between


def errors(proposal, data):
    """What keeps the 申报书 from being submitted although each tab is in order by itself."""
    for rule in (_members, _partners, _partner_province, _shares, _stages_within):
        yield from rule(proposal, data)


def warnings(proposal, data):
    """What the PI should look at again; it does not keep the 申报书 from being submitted."""
    for rule in (_stages_overlap, _keywords_used, _advice, _experts):
        yield from rule(proposal, data)


# Team and partners ----------------------------------------------------------------------------------------------------


def _rows(data, tab, name):
    return data.get(tab, {}).get(name) or []


def _members(proposal, data):
    """Every 证件号码 once, and none of them the PI's."""
    pi = proposal.pi
    seen = {identity_digest(pi.id_type, pi.id_number): "项目负责人"} if pi.id_number else {}
    for number, member in enumerate(_rows(data, Tab.TEAM, "members"), start=1):
        person = identity_digest(member.get("id_type", ""), member.get("id_number"))
        if not person:
            continue
        if person in seen:
            target = f"id_members-{member['key']}-id_number"
            message = f"与{seen[person]}的证件号码相同，请核对；负责人不必再列为成员"
            yield in_tab(proposal, Tab.TEAM, target, f"成员 {number} 证件号码", message)
        seen.setdefault(person, f"成员 {number}")


def _partners(proposal, data):
    """Every 合作单位 once, and none of them the 申报单位."""
    unit = proposal.pi.unit
    seen = {unit.uscc: "申报单位"} if unit else {}
    for number, partner in enumerate(_rows(data, Tab.PARTNERS, "partners"), start=1):
        uscc = partner.get("uscc")
        if not uscc:
            continue
        if uscc in seen:
            target = f"id_partners-{partner['key']}-uscc"
            yield in_tab(
                proposal,
                Tab.PARTNERS,
                target,
                f"合作单位 {number} 统一社会信用代码",
                f"与{seen[uscc]}的统一社会信用代码相同，请核对",
            )
        seen.setdefault(uscc, f"合作单位 {number}")


def _partner_province(proposal, data):
    wanted = proposal.call.partner_province
    partners = _rows(data, Tab.PARTNERS, "partners")
    if wanted and wanted not in {partner.get("province") for partner in partners}:
        name = codes.table("province").name(wanted)
        message = f"本批次要求至少有一家{name}的合作单位，请点【添加合作单位】补充"
        yield in_tab(proposal, Tab.PARTNERS, "table-partners", "合作单位", message)


def _shares(proposal, data):
    """What the partners get is not more than there is; the rest is the 申报单位's."""
    if Tab.BUDGET not in data:
        return
    budget = added_up(data[Tab.BUDGET])
    partners = _rows(data, Tab.PARTNERS, "partners")
    for column, words, whole in (("fiscal", "财政经费", budget.fiscal.income), ("own", "自筹经费", budget.own.income)):
        shared = sum((amount(partner.get(column)) for partner in partners), ZERO)
        if shared > whole:
            yield in_tab(
                proposal,
                Tab.PARTNERS,
                "table-partners",
                f"合作单位{words}",
                f"合作单位{words}合计 {shared:,} 万元，超过经费预算中的{words} {whole:,} 万元，请调整",
            )


# 进度安排 ----------------------------------------------------------------------------------------------------


def _stages(data):
    rows = _rows(data, Tab.SCHEDULE, "stages")
    return sorted(
        (row["starts_on"], row["ends_on"], row["key"]) for row in rows if row.get("starts_on") and row.get("ends_on")
    )


def _stages_within(proposal, data):
    """The stages begin with the project, end with it, and leave no gap of more than a month."""
    basics = data.get(Tab.BASICS, {})
    stages = _stages(data)
    start, end = basics.get("starts_on"), basics.get("ends_on")
    if not stages or not start or not end:
        return
    first, last = stages[0], max(stages, key=lambda stage: stage[1])
    if first[0] != start:
        message = f"第一个阶段从 {first[0]} 开始，项目从 {start} 开始，请改为一致"
        yield in_tab(proposal, Tab.SCHEDULE, f"id_stages-{first[2]}-starts_on", "进度安排", message)
    if last[1] != end:
        message = f"最后一个阶段到 {last[1]} 结束，项目到 {end} 结束，请改为一致"
        yield in_tab(proposal, Tab.SCHEDULE, f"id_stages-{last[2]}-ends_on", "进度安排", message)
    reached = first[1]
    for begin, finish, key in stages[1:]:
        # Two months between two stages: the first month of the pause and the month that begins again.
        if months_between(reached, begin) > 3:
            message = f"{reached} 与 {begin} 之间有空档，请补上这段时间的安排"
            yield in_tab(proposal, Tab.SCHEDULE, f"id_stages-{key}-starts_on", "进度安排", message)
        reached = max(reached, finish)


def _stages_overlap(proposal, data):
    reached = ""
    for begin, finish, key in _stages(data):
        if reached and begin <= reached:
            message = f"从 {begin} 开始的阶段与前一阶段（到 {reached}）重叠，请核对"
            yield in_tab(proposal, Tab.SCHEDULE, f"id_stages-{key}-starts_on", "进度安排", message, warning=True)
        reached = max(reached, finish)


# Advice ----------------------------------------------------------------------------------------------------


def _keywords_used(proposal, data):
    basics = data.get(Tab.BASICS, {})
    text = f"{basics.get('title', '')}{basics.get('abstract', '')}".casefold()
    unused = [word for word in basics.get("keywords") or [] if word.casefold() not in text]
    if unused and text:
        message = f"项目名称和摘要中没有出现{'、'.join(f'“{word}”' for word in unused)}，请核对"
        yield in_tab(proposal, Tab.BASICS, "id_keywords", "关键词", message, warning=True)


def _advice(proposal, data):
    call, pi = proposal.call, proposal.pi
    if call.advised_age and pi.birth_date:
        age = (timezone.localdate() - pi.birth_date) // timedelta(days=365.25)
        if age > call.advised_age:
            yield Gap("个人信息", "年龄", f"本批次建议负责人不超过 {call.advised_age} 岁，您现在 {age} 岁", "", True)
    if call.advised_titles and pi.title_level not in call.advised_titles:
        wanted = "、".join(codes.table("title_level").name(code) for code in call.advised_titles)
        yield Gap("个人信息", "职称", f"本批次建议负责人的职称为{wanted}", "", True)


def _experts(proposal, data):
    if Tab.TEAM in data and not data[Tab.TEAM].get("avoid_experts"):
        message = "没有填写专家回避说明；没有需要回避的专家，请填“无”"
        yield in_tab(proposal, Tab.TEAM, "id_avoid_experts", "专家回避说明", message, warning=True)
