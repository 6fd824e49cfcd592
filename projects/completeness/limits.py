"""限项 and repeats: what other 申报书 forbid. The only rules of the check that ask the database."""

from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection, transaction
from django.db.models import Count, Q
from django.db.models.functions import Upper

from accounts.identity import identity_digest
from projects.completeness.gap import Gap, in_tab
from projects.enums import LimitRole, State, Tab
from projects.models import Participant, Proposal
from projects.titles import title_key
from zhgg.kit.kept import Given, Kept

COUNTED = (State.DEPARTMENT, State.UNIT, State.BUREAU, State.ACCEPTED)
SHORTEST = 6
"""Titles shorter than a 项目名称 may be are not compared."""
SIMILAR = 0.8
"""From which trigram similarity on a title reads like another one's."""


def people_of(proposal, data):
    """`{identity digest: (who, leads)}` of the PI and the members with a number."""
    people = {}
    for number, member in enumerate(data.get(Tab.TEAM, {}).get("members") or [], start=1):
        if member.get("id_number"):
            person = identity_digest(member.get("id_type", ""), member["id_number"])
            people[person] = (member.get("name") or f"成员 {number}", False)
    pi = proposal.pi
    if pi.id_number:
        people[identity_digest(pi.id_type, pi.id_number)] = (pi.name, True)
    return people


def lock_keys(proposal, data):
    """What two submissions that could break a 限项 or repeat each other have in common, sorted.

    The unit and the members only where a 限项 counts them: a large unit submits hundreds in the last hour.
    """
    counted = {limit.role for limit in proposal.call.own_limits}
    keys = {f"title:{proposal.call_id}:{title_key(proposal.title)}"}
    if LimitRole.UNIT in counted:
        keys.add(f"unit:{proposal.pi.unit_id}")
    for person, (_, leads) in people_of(proposal, data).items():
        if leads or LimitRole.JOINED in counted:
            keys.add(f"person:{person}")
    return sorted(keys)


def lock(proposal, data):
    """Make two submissions that share a person, a unit or a title wait for each other until the transaction ends.

    Advisory locks, because there may be no row yet to lock; taken in one order, so that they never wait in a circle.
    """
    with connection.cursor() as cursor:
        # One statement, row by row in the order of the array.
        keys = lock_keys(proposal, data)
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(%s::text[]) AS key", [keys])


def errors(proposal, data):
    """Too many of the same people or unit, a second one of the same PI, or the same title again."""
    yield from _over_limits(proposal, data)
    yield from _second_of_kind(proposal)
    yield from _same_title(proposal)


def warnings(proposal, data):
    """A title that reads like that of another 申报书."""
    if len(proposal.title) < SHORTEST:
        return
    alike = (
        _others(proposal.pk)
        .annotate(upper_title=Upper("title"), similarity=TrigramSimilarity(Upper("title"), proposal.title.upper()))
        .filter(upper_title__trigram_similar=proposal.title.upper(), similarity__gte=SIMILAR)
        .exclude(call=proposal.call, title_key=title_key(proposal.title))
        .select_related("call")
        .order_by("-similarity")
    )
    # The threshold holds to the end of a transaction; without one the index would hand over far too many titles.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(SIMILAR)])
        found = list(alike[:3])
    for other in found:
        message = f"与{other.call}的“{other.title}”相似，请确认不是重复申报"
        yield in_tab(proposal, Tab.BASICS, "id_title", "项目名称", message, warning=True)


def _others(pk):
    return Proposal.objects.filter(state__in=COUNTED).exclude(pk=pk)


_OF_KIND = Kept(
    lambda: _others(Given("pk")).filter(call=Given("call"), category=Given("category"), pi=Given("pi"))[:1], by_key=True
)
_OF_TITLE = Kept(
    lambda: _others(Given("pk")).filter(call=Given("call"), title_key=Given("key")).values_list("pk")[:1], by_key=True
)


def _over_limits(proposal, data):
    limits = {limit.pk: limit for limit in proposal.call.own_limits}
    if not limits:
        return
    people = people_of(proposal, data)
    counts = _counts_of_people(proposal, limits, people)
    for limit in limits.values():
        if limit.role == LimitRole.UNIT:
            yield from _over_unit_limit(proposal, limit)
            continue
        for person, (name, leads) in people.items():
            if limit.role == LimitRole.LED and not leads:
                continue
            joined, led = counts.get((limit.pk, person), (0, 0))
            count = led if limit.role == LimitRole.LED else joined
            if count >= limit.number:
                message = f"{name}已有 {count} 项在审或已受理，{limit}，这一项不能再提交"
                target = "" if leads else "table-members"
                yield in_tab(proposal, Tab.TEAM if not leads else Tab.BASICS, target, "限项", message)


def _counts_of_people(proposal, limits, people):
    """`{(limit, digest): (joined, led)}` over the other 申报书 that count."""
    rows = (
        Participant.objects.filter(
            digest__in=people, proposal__state__in=COUNTED, proposal__call__limits__in=list(limits)
        )
        .exclude(proposal=proposal)
        .values_list("proposal__call__limits", "digest")
        .annotate(joined=Count("pk"), led=Count("pk", filter=Q(leads=True)))
    )
    return {(limit, person): (joined, led) for limit, person, joined, led in rows}


def _over_unit_limit(proposal, limit):
    sent = _others(proposal.pk).filter(unit=proposal.pi.unit, call__limits=limit).count()
    if sent >= limit.number:
        message = f"{proposal.pi.unit}已有 {sent} 项在审或已受理，{limit}，这一项不能再提交"
        yield Gap("限项", "申报单位", message, "")


def _second_of_kind(proposal):
    """One 申报书 a PI in a call and 项目类别."""
    category = proposal.category
    if other := _OF_KIND.first(pk=proposal.pk, call=proposal.call_id, category=category, pi=proposal.pi_id):
        message = (
            f"您在本批次的“{category}”中已有“{other}”（{other.get_state_display()}），同一批次同一类别只能申报一项"
        )
        yield Gap("限项", "项目负责人", message, other.get_absolute_url())


def _same_title(proposal):
    """One 申报书 a title in a call, whoever sends it."""
    key = title_key(proposal.title)
    if key and _OF_TITLE.first(pk=proposal.pk, call=proposal.call_id, key=key):
        message = "本批次已有同名的项目，请核对是否重复申报，或修改项目名称"
        yield in_tab(proposal, Tab.BASICS, "id_title", "项目名称", message)
