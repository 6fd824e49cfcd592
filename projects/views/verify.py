"""The public page behind the QR code: is this paper what was submitted? No login, and nothing personal."""

import re

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.throttles import WRONG_CODES
from projects.enums import State, Tab
from projects.fingerprint import CODE_DIGITS, shown_code
from projects.models import Submission
from zhgg.kit.ui import Fact

CODE = re.compile(f"[0-9a-f]{{{CODE_DIGITS}}}", re.ASCII)
LONGEST_NUMBER = 40
WORDS = {
    State.DRAFT: "已退回或撤回，正在修改",
    State.DEPARTMENT: "审核中",
    State.UNIT: "审核中",
    State.BUREAU: "审核中",
    State.ACCEPTED: "已受理",
    State.DECLINED: "不予受理",
}
"""What strangers read of a state: not at whom it waits."""


@login_not_required
@never_cache
@require_safe
def form(request):
    """Number and code typed by hand lead to the same page as the QR code."""
    number = "".join(request.GET.get("number", "").split())
    code = "".join(char for char in request.GET.get("code", "").lower() if char.isalnum())
    if number and code:
        return redirect("verify", number=number[: LONGEST_NUMBER + 1], code=code[: CODE_DIGITS + 1])
    return render(request, "projects/verify.html", {"number": number, "code": code, "asked": bool(number or code)})


@login_not_required
@never_cache
@require_safe
def verify(request, number, code):
    """What the system knows of the submission with this number and 校验码."""
    WRONG_CODES.look()
    found = _found(number, code)
    if found is None:
        WRONG_CODES.fail()
        context = {"number": number[:LONGEST_NUMBER], "code": code[:CODE_DIGITS], "missing": True}
        return render(request, "projects/verify.html", context, status=404)
    proposal = found.proposal
    context = {
        "submission": found,
        "proposal": proposal,
        "code": shown_code(found.digest),
        "is_last": found.number == proposal.submission_count,
        "is_draft": proposal.state == State.DRAFT,
        "facts": [
            Fact("申报编号", proposal.number),
            Fact("项目名称", found.data.get(Tab.BASICS, {}).get("title") or proposal.title),
            Fact("申报单位", found.unit.name),
            Fact("提交", f"第 {found.number} 次提交"),
            Fact("提交时间", found.submitted_at),
            Fact("现在的状态", WORDS[proposal.state]),
        ],
    }
    return render(request, "projects/verified.html", context)


def _found(number, code):
    """The latest Submission that the pair names, or None. Numbers and codes that cannot exist never reach the
    database."""
    code = code.lower()
    if len(number) > LONGEST_NUMBER or not number.isprintable() or not CODE.fullmatch(code):
        return None
    matching = Submission.objects.filter(proposal__number=number, digest__startswith=code)
    return matching.select_related("proposal", "unit").order_by("-number").first()
