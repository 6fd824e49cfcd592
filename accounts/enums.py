"""Choices of the accounts app with their Chinese labels."""

from django.db.models import TextChoices


class Kind(TextChoices):
    """What an account is. The first two are the entrances of 渝快办; staff never come from there."""

    LEGAL = "legal", "法人用户"
    PERSON = "person", "个人用户"
    STAFF = "staff", "科技局工作人员"


class AuditAction(TextChoices):
    """What the audit trail records. Add a line here for every new thing worth recording; no migration follows."""

    LOGIN = "login", "登录"
    LOGIN_REFUSED = "login_refused", "登录被拒绝"
    LOGOUT = "logout", "退出"
    PRIVACY_CONFIRMED = "privacy_confirmed", "确认个人信息保护告知"
    STAFF_CREATED = "staff_created", "新建工作人员账号"
    STAFF_RENEWED = "staff_renewed", "重发工作人员密码和动态口令"
    PASSWORD_CHANGED = "password_changed", "修改密码"
    ACCOUNT_CHANGED = "account_changed", "修改账号"
    ACCOUNT_UNLOCKED = "account_unlocked", "解除登录锁定"
    UNIT_SAVED = "unit_saved", "保存单位信息"
    UNIT_VIEWED = "unit_viewed", "查看单位"
    UNIT_SUSPENDED = "unit_suspended", "停用单位"
    UNIT_RESUMED = "unit_resumed", "恢复单位"
    GRANTED = "granted", "授权"
    GRANT_ENDED = "grant_ended", "结束授权"
    DEPARTMENT_CREATED = "department_created", "新增二级单位"
    DEPARTMENT_SAVED = "department_saved", "编辑二级单位"
    DEPARTMENT_DELETED = "department_deleted", "删除二级单位"
    PERSON_VIEWED = "person_viewed", "查看人员"
    PROFILE_SAVED = "profile_saved", "保存个人信息"
    PROFILE_SUBMITTED = "profile_submitted", "提交个人信息"
    PROFILE_DECIDED = "profile_decided", "审核个人信息"
    DOCUMENT_ATTACHED = "document_attached", "上传佐证材料"
    DOCUMENT_TAKEN_OFF = "document_taken_off", "删除佐证材料"
    FILE_DOWNLOADED = "file_downloaded", "下载文件"
    PROPOSAL_CREATED = "proposal_created", "新建申报书"
    PROPOSAL_SAVED = "proposal_saved", "保存申报书"
    PROPOSAL_DELETED = "proposal_deleted", "删除申报书"
    ATTACHMENT_ADDED = "attachment_added", "上传附件"
    ATTACHMENT_REMOVED = "attachment_removed", "删除附件"
    DECISION = "decision", "办理申报书"
    CALL_SAVED = "call_saved", "保存申报通知"
    CALL_PUBLISHED = "call_published", "发布申报通知"
    CALL_CLOSED = "call_closed", "结束受理"
    CALL_EXTENDED = "call_extended", "延期"
    ANNOUNCEMENT_SAVED = "announcement_saved", "保存通知公告"
    ANNOUNCEMENT_PUBLISHED = "announcement_published", "发布通知公告"
    ANNOUNCEMENT_WITHDRAWN = "announcement_withdrawn", "收回通知公告"
    LIMIT_SAVED = "limit_saved", "设置限项"
    CODE_SAVED = "code_saved", "维护码表"
    CODES_LOADED = "codes_loaded", "载入码表"
    MAINTENANCE_SET = "maintenance_set", "设置系统维护"
    MAINTENANCE_CHANGED = "maintenance_changed", "修改系统维护"
    MAINTENANCE_ENDED = "maintenance_ended", "结束系统维护"
    REVEAL = "reveal", "查看完整号码"
    EXPORT = "export", "导出"
    RETENTION_APPLIED = "retention_applied", "清理超过保存期限的内容"
    PERSON_ERASED = "person_erased", "注销账号并删除个人信息"
    CONFLICT_SETTLED = "conflict_settled", "账号核实"
    AUDIT_SEARCHED = "audit_searched", "查询审计记录"


class RevealReason(TextChoices):
    """Why somebody looks at a number in full."""

    CHECK = "check", "核对证件和填报内容"
    REVIEW = "review", "审核申报材料"
    CONTACT = "contact", "联系本人或联系人"
    CALL = "call", "本人或管理员来电核实"
    PAYMENT = "payment", "办理银行拨款"
    OTHER = "other", "其他（请说明）"


def audit_action_choices():
    """The choices as a function, so that a new action changes no migration."""
    return AuditAction.choices
