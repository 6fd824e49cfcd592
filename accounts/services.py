"""Every write of this app: logins and what becomes of them, staff accounts, reading messages."""

import hashlib
import secrets
from datetime import timedelta

from axes.utils import reset
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.shortcuts import get_object_or_404
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import audit, hooks, throttles
from accounts.enums import AuditAction, Kind
from accounts.identity import identity_digest
from accounts.managers import username_for
from accounts.models import IdentityConflict, KeptForm, LoginAttempt, Notice, PrivacyConfirmation, User
from accounts.oidc.refusals import (
    AccountDisabled,
    ClaimsRefused,
    IdentityChanged,
    IdentityTaken,
    LoginBarred,
    TooManyLogins,
)
from accounts.staff import BUREAU_GROUP
from accounts.tasks import KEPT_FOR
from zhgg.kit.clock import database_now
from zhgg.kit.crypto import digest
from zhgg.kit.errors import NotNow, TooOften
from zhgg.kit.kept import Given, Kept

DEVICE_NAME = "手机动态口令"
ATTEMPT_LIFETIME = timedelta(minutes=10)
KEPT_FORMS_A_USER = 20
"""How many kept forms one user has at most; the oldest give way."""
# All that a login may change of an account.
STATED_FIELDS = ["name", "phone", "email", "id_type", "id_number", "identity_digest", "uscc", "known_as"]
NUMBER_NAMES = {Kind.LEGAL: "统一社会信用代码", Kind.PERSON: "证件号码"}

# Attempts ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def begin_login(*, entrance, state, browser, nonce, code_verifier, next_path):
    """Remember a login that goes to 渝快办 now, for the browser that holds `browser`."""
    outdated = LoginAttempt.objects.filter(started_at__lt=Now() - ATTEMPT_LIFETIME)
    # A few at a time, and none that somebody else is removing: the table stays small and nobody waits.
    LoginAttempt.objects.filter(pk__in=outdated.select_for_update(skip_locked=True).values("pk")[:100]).delete()
    LoginAttempt.objects.create(
        state_digest=_fingerprint(state),
        browser_digest=_fingerprint(browser),
        entrance=entrance,
        nonce=nonce,
        code_verifier=code_verifier,
        next=next_path,
    )


def take_login(*, entrance, state, browser):
    """The LoginAttempt that comes back, used up by this call; None when there is none of this browser and entrance.

    Of two callbacks with the same state exactly one gets it.
    """
    attempt = LoginAttempt.objects.filter(
        state_digest=_fingerprint(state),
        browser_digest=_fingerprint(browser),
        entrance=entrance,
        started_at__gt=Now() - ATTEMPT_LIFETIME,
    ).first()
    if attempt is None or LoginAttempt.objects.filter(pk=attempt.pk).delete()[0] != 1:
        return None
    return attempt


def _fingerprint(text):
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# Logins from 渝快办 --------------------------------------------------------------------------------------------------


@transaction.atomic
def sign_in(*, claims, entrance):
    """The account that `claims` are about, made at its first login and brought up to date; the login is recorded.

    Raises a LoginRefused and changes nothing when the account is disabled or logs in too often, when its verified
    number belongs to another account, or when it comes back with another number. No claim gives rights in the admin:
    those columns are never written here.
    """
    user = _locked(claims) or _create(claims, entrance)
    if user.kind != entrance:
        raise ClaimsRefused(f"account {user.pk} came back as another kind", message="账号类别与首次登录时不同。")
    if not user.is_active:
        refusal = AccountDisabled(f"account {user.pk} is disabled")
        refusal.account = user
        raise refusal
    _refuse_too_many(user)
    _bring_up_to_date(user, claims)
    hooks.run(user=user, claims=claims)
    audit.record(AuditAction.LOGIN, user=user, detail={"entrance": Kind(entrance).label})
    return user


def _refuse_too_many(user):
    try:
        throttles.LOGIN.spend(user.pk)
    except TooOften as often:
        refusal = TooManyLogins(f"account {user.pk} logs in too often", often=often)
        refusal.account = user
        raise refusal from often


def _locked(claims):
    accounts = User.objects.select_for_update(no_key=True)
    return accounts.filter(issuer=claims.issuer, subject=claims.subject).first()


def _create(claims, entrance):
    """A new account, or the one that another request has made of the same subject meanwhile."""
    number = _number_digest(claims)
    _refuse_if_taken(number, claims, entrance)
    try:
        with transaction.atomic():
            return User.objects.create_ykb(
                kind=entrance,
                issuer=claims.issuer,
                subject=claims.subject,
                name=claims.name,
                id_type=claims.id_type,
                id_number=claims.id_number,
                uscc=claims.uscc,
            )
    except IntegrityError:
        user = _locked(claims)
        if user is None:
            _refuse_if_taken(number, claims, entrance)
            raise
        return user


def _bring_up_to_date(user, claims):
    """What 渝快办 states now replaces what it stated before; rights hang on what it states at this login."""
    number = _number_digest(claims)
    if number and user.known_as and number != user.known_as:
        what = NUMBER_NAMES[user.kind]
        refusal = IdentityChanged(f"account {user.pk} came back with another number", what=what)
        refusal.account = user
        raise _with_conflict(refusal, IdentityConflict.Reason.CHANGED, user, number, claims)
    user.name = claims.name
    user.phone = claims.phone_number or user.phone
    user.email = claims.email or user.email
    if claims.id_number:
        user.id_type, user.id_number = claims.id_type, claims.id_number
    user.identity_digest = number if user.kind == Kind.PERSON else ""
    user.uscc = claims.uscc
    newly_known = number and not user.known_as
    user.known_as = user.known_as or number
    try:
        with transaction.atomic():
            user.save(update_fields=STATED_FIELDS)
    except IntegrityError:
        if newly_known:
            _refuse_if_taken(number, claims, user.kind)
        raise


def _number_digest(claims):
    if claims.id_number:
        return identity_digest(claims.id_type, claims.id_number)
    return digest("uscc", claims.uscc) if claims.uscc else ""


def _refuse_if_taken(number, claims, entrance):
    holder = User.objects.filter(known_as=number).first() if number else None
    # The holder may be this very account, made by another request a moment ago.
    if holder is not None and (holder.issuer, holder.subject) != (claims.issuer, claims.subject):
        refusal = IdentityTaken(f"the number belongs to account {holder.pk}", what=NUMBER_NAMES[entrance])
        raise _with_conflict(refusal, IdentityConflict.Reason.TAKEN, holder, number, claims)


def _with_conflict(refusal, reason, account, number, claims):
    key = {"account": account, "issuer": claims.issuer, "subject": claims.subject, "digest": number}
    if IdentityConflict.objects.filter(**key, outcome=IdentityConflict.Outcome.REFUSED).exists():
        barred = LoginBarred(f"refused for good: {refusal.reason}", what=NUMBER_NAMES[account.kind])
        barred.account = refusal.account
        return barred
    refusal.conflict = {**key, "reason": reason, "name": claims.name}
    return refusal


@transaction.atomic
def record_refusal(*, refusal, entrance):
    """Keep that a login was refused, and the conflict of numbers if it was one. Called after `sign_in` rolled back."""
    conflict = None
    if refusal.conflict:
        facts = {**refusal.conflict}
        key = {name: facts.pop(name) for name in ("account", "issuer", "subject", "digest")}
        conflict, _ = IdentityConflict.objects.get_or_create(**key, state=IdentityConflict.State.OPEN, defaults=facts)
    return audit.record(
        AuditAction.LOGIN_REFUSED,
        user=refusal.account,
        obj=conflict,
        detail={"entrance": Kind(entrance).label, "reason": refusal.reason, "kind": type(refusal).__name__},
        ok=False,
    )


# What such a refusal comes to ----------------------------------------------------------------------------------------


def settle_conflict(*, user, role, conflict_id, outcome, reason):
    """Close an open IdentityConflict: the officer `user` binds the login anew or refuses it for good.

    BOUND, where the number belongs to another account: that account, with everything that hangs on it, is entered from
    now on with the 渝快办 account of the refused login, and no longer with its old one; an account that the new one has
    had here without a number is closed. BOUND, where an account came back with another number: the account is known by
    the new number from now on. Either way open sessions end, and the login works when it is next tried. REFUSED: the
    same login with the same number is refused from now on.

    Raises IdentityConflict.DoesNotExist, and NotNow when somebody has settled it already or the accounts have changed.
    """
    with transaction.atomic():
        conflict = (
            IdentityConflict.objects.select_for_update(of=("self",)).select_related("settled_by").get(pk=conflict_id)
        )
        if conflict.state == IdentityConflict.State.CLOSED:
            label = conflict.get_outcome_display()
            raise NotNow(f"{conflict.settled_by}已办理：{label}。您刚才的办理没有生效。", title="已有人办理")
        if outcome == IdentityConflict.Outcome.BOUND:
            _bind_anew(conflict)
        conflict.state, conflict.outcome, conflict.outcome_reason = IdentityConflict.State.CLOSED, outcome, reason
        conflict.settled_at, conflict.settled_by = database_now(), user
        conflict.save(update_fields=["state", "outcome", "outcome_reason", "settled_at", "settled_by"])
        detail = {"outcome": outcome, "reason": reason, "account": conflict.account_id, "subject": conflict.subject}
        audit.record(AuditAction.CONFLICT_SETTLED, user=user, role=role, obj=conflict, detail=detail)
    return conflict


CHANGED_MEANWHILE = "涉及的账号在此之后已有变化，不能再这样绑定。请让对方重新登录一次，再办理新的核实。"


def _bind_anew(conflict):
    pair = Q(issuer=conflict.issuer, subject=conflict.subject)
    # In the order of their numbers, so that two officers with two conflicts never wait for each other.
    accounts = User.objects.filter(Q(pk=conflict.account_id) | pair).order_by("pk").select_for_update()
    found = {account.pk: account for account in accounts}
    account = found.pop(conflict.account_id)
    try:
        with transaction.atomic():
            if conflict.reason == IdentityConflict.Reason.TAKEN:
                _move_to(account, conflict, next(iter(found.values()), None))
            else:
                _change_number(account, conflict)
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name != "one_account_a_number":
            raise
        raise NotNow("这个号码已属于另一个账号，不能绑定。请先核实那个账号。") from error


def _move_to(account, conflict, former):
    """Have `account` entered with the pair of the conflict; `former` is the account that had it until now, or None."""
    if account.known_as != conflict.digest or (former is not None and former.known_as):
        raise NotNow(CHANGED_MEANWHILE)
    if former is not None:
        former.is_active = False
        _enter_with(former, conflict.issuer, f"closed:{former.pk}:{former.subject}"[:255])
    _enter_with(account, conflict.issuer, conflict.subject)


def _enter_with(account, issuer, subject):
    account.issuer, account.subject, account.username = issuer, subject, username_for(issuer, subject)
    # Another unusable password: the sessions of whoever entered before end.
    account.set_unusable_password()
    account.save(update_fields=["issuer", "subject", "username", "password", "is_active"])


def _change_number(account, conflict):
    if (account.issuer, account.subject) != (conflict.issuer, conflict.subject):
        raise NotNow(CHANGED_MEANWHILE)
    account.known_as = conflict.digest
    # Rights hang on what 渝快办 states: the number itself comes with the next login.
    account.identity_digest = account.id_type = account.id_number = account.uscc = ""
    account.set_unusable_password()
    account.save(update_fields=["known_as", "identity_digest", "id_type", "id_number", "uscc", "password"])


# What people are told about their data -------------------------------------------------------------------------------


@transaction.atomic
def confirm_privacy(*, user, version):
    """Note that `user` has read the 个人信息保护告知 of that version; a second time is not written down again."""
    confirmation, is_new = PrivacyConfirmation.objects.get_or_create(user=user, version=version)
    User.objects.filter(pk=user.pk).update(privacy_version=version)
    if is_new:
        audit.record(AuditAction.PRIVACY_CONFIRMED, user=user, obj=confirmation, detail={"version": version})


# Staff ---------------------------------------------------------------------------------------------------------------


@transaction.atomic
def create_staff(*, username, name, superuser=False, password=None, email=""):
    """A staff account with a second factor; an officer joins the group 科技局.

    Returns `(user, password, device)`; a password is made up when none is given.
    """
    password = password or secrets.token_urlsafe(15)
    user = User.objects.create_staff(username, password, name=name, superuser=superuser, email=email)
    if not superuser:
        user.groups.add(Group.objects.get_or_create(name=BUREAU_GROUP)[0])
    device = TOTPDevice.objects.create(user=user, name=DEVICE_NAME, confirmed=True)
    audit.record(AuditAction.STAFF_CREATED, obj=user, detail={"superuser": superuser})
    return user, password, device


@transaction.atomic
def renew_staff(*, username):
    """A new password and a new second factor for a staff account whose owner lost theirs; the old ones end.

    Returns `(user, password, device)`; raises User.DoesNotExist.
    """
    user = User.objects.select_for_update(no_key=True).get(kind=Kind.STAFF, username=username)
    password = secrets.token_urlsafe(15)
    user.set_password(password)
    user.save(update_fields=["password"])
    TOTPDevice.objects.filter(user=user).delete()
    device = TOTPDevice.objects.create(user=user, name=DEVICE_NAME, confirmed=True)
    audit.record(AuditAction.STAFF_RENEWED, obj=user)
    return user, password, device


@transaction.atomic
def change_password(*, user, password):
    """A staff account's own new password; its other sessions end, because they hang on the old one."""
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record(AuditAction.PASSWORD_CHANGED, user=user, obj=user)


@transaction.atomic
def change_account(*, user, account, changed, groups=None):
    """Save the fields `changed` of `account` for the administrator `user`, and the groups of a staff account.

    Nothing changed is nothing written down.
    """
    if not changed:
        return
    columns = [name for name in changed if name != "groups"]
    detail = {"changed": changed, "is_active": account.is_active}
    if columns:
        account.save(update_fields=columns)
    if "groups" in changed:
        account.groups.set(groups)
        detail["groups"] = sorted(group.name for group in groups)
    audit.record(AuditAction.ACCOUNT_CHANGED, user=user, obj=account, detail=detail)


@transaction.atomic
def unlock_account(*, user, account_id):
    """Forget the failed logins of a staff account for the administrator `user`; returns the account. Raises Http404."""
    account = get_object_or_404(User, pk=account_id, kind=Kind.STAFF)
    failures = reset(username=account.username)
    audit.record(AuditAction.ACCOUNT_UNLOCKED, user=user, obj=account, detail={"attempts": failures})
    return account


# Messages ------------------------------------------------------------------------------------------------------------


def mark_read(*, user, notice_id=None):
    """Mark one of the user's messages read, or all without `notice_id`. Returns how many were unread."""
    unread = Notice.objects.filter(recipient=user, read_at=None)
    if notice_id is not None:
        unread = unread.filter(pk=notice_id)
    # What was counted before is counted anew where a page still shows it.
    user.unread = None
    return unread.update(read_at=Now())


# Forms sent after the end of a session -------------------------------------------------------------------------------


@transaction.atomic
def keep_form(*, user, path, content, had_files, until=None):
    """Keep what `user` sent to `path`, in place of what was kept for the same path before: for KEPT_FOR, or `until`."""
    KeptForm.objects.update_or_create(
        user=user,
        path=path,
        defaults={
            "content": content,
            "had_files": had_files,
            "kept_at": Now(),
            "kept_until": until or Now() + KEPT_FOR,
        },
    )
    newest_first = KeptForm.objects.filter(user=user).order_by("-kept_at", "-pk").values_list("pk", flat=True)
    KeptForm.objects.filter(pk__in=list(newest_first[KEPT_FORMS_A_USER:])).delete()


def prolong_kept_forms(*, since, until):
    """Keep what was kept after `since` and is still there at least until then."""
    KeptForm.objects.filter(kept_at__gte=since, kept_until__gt=Now(), kept_until__lt=until).update(kept_until=until)


def forget_form(*, user, path):
    """Drop what is kept of `user` for `path`, if anything is: seldom, and to look takes less than to delete."""
    if _FORM.first(user=user.pk, path=path):
        KeptForm.objects.filter(user=user, path=path).delete()


_FORM = Kept(lambda: KeptForm.objects.filter(user=Given("user"), path=Given("path")).values_list("pk"), by_key=True)
