"""What the head of every page of one 申报书 shows, and the ways back and on."""

from django.urls import reverse

from projects.enums import Capacity
from projects.progress import remark, return_heading
from projects.rules import capacity_of, deadline, is_closed, may_edit
from projects.views.editing import return_links
from projects.views.listing import ProposalList
from projects.workflow import badge
from zhgg.kit.listing import within


def head(request, found, now, opened=None):
    """The context of `projects/head.html`, crumbs and badge. `opened` is the list the viewer came from, or None."""
    capacity, closed = capacity_of(request.actor, found), is_closed(found, now)
    is_pi = capacity == Capacity.PI
    request.frame.menu_entry = "my-proposals" if is_pi else "proposals"
    if is_pi:
        request.frame.own_unit = found.pi.unit
    bureau = capacity == Capacity.BUREAU
    return {
        "proposal": found,
        "proposal_url": within(opened, found.get_absolute_url()),
        "is_pi": is_pi,
        "badge": badge(found.state, capacity, closed=closed),
        "remark": remark(found, now, closed=closed),
        "returned": return_heading(found),
        "return_links": return_links(found) if may_edit(request.actor, found, now) else [],
        "due": deadline(found),
        "list_url": reverse("my-proposals") if is_pi else ProposalList.back_to(opened),
        "list_label": "我的申报" if is_pi else "全部项目" if bureau else "本单位的项目",
    }
