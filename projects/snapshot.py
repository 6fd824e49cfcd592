"""What a submission freezes beside the tabs: who the PI and the unit were, and which files were attached."""

from orgs import codes

FRAME = "frame"
"""Key of the frozen facts beside those of the tabs."""


KINDS = {
    "id_number": ("proposal-ids", "id"),
    "mobile": ("proposal-mobiles", "phone"),
    "contact_mobile": ("proposal-mobiles", "phone"),
    "bank_account": ("proposal-bank", "bank"),
}
"""Frozen facts that pages show masked: (kind of projects.reveals, style of the mask)."""


def frame(proposal, read=getattr):
    """The facts of PI and unit as they are now, as JSON, with every code spelt out and the numbers in full.

    They are those of the PI's approved record, which must name a unit. `read` is how a number is read:
    `kit.fields.to_show` where it is only shown.
    """
    pi, unit = proposal.pi, proposal.pi.unit
    return {
        "pi": {
            "name": pi.name,
            "sex": codes.table("sex").label(pi.sex),
            "birth_date": pi.birth_date.isoformat() if pi.birth_date else "",
            "id_type": codes.table("id_document_type").label(pi.id_type),
            "id_number": read(pi, "id_number"),
            "education": codes.table("education").label(pi.education),
            "degree": codes.table("degree").label(pi.degree),
            "title_level": codes.table("title_level").label(pi.title_level),
            "position": pi.position,
            "major": pi.major,
            "mobile": pi.mobile,
            "email": pi.email,
        },
        "unit": {
            "name": unit.name,
            "department": pi.department.name if pi.department else "",
            "uscc": unit.uscc,
            "nature": codes.table("unit_nature").label(unit.nature),
            "province": codes.table("province").label(unit.province),
            "district": codes.table("china_division").label(unit.district),
            "address": unit.address,
            "contact_name": unit.contact_name,
            "contact_mobile": unit.contact_mobile,
            "contact_phone": unit.contact_phone,
            "email": unit.email,
            "bank_holder": unit.bank_holder,
            "bank_name": unit.bank_name,
            "bank_account": read(unit, "bank_account"),
            "bank_code": unit.bank_code,
        },
    }


LABELS = {
    "pi": {
        "name": "姓名",
        "sex": "性别",
        "birth_date": "出生日期",
        "id_type": "证件类型",
        "id_number": "证件号码",
        "education": "最高学历",
        "degree": "最高学位",
        "title_level": "职称",
        "position": "职务",
        "major": "专业",
        "mobile": "手机",
        "email": "Email",
    },
    "unit": {
        "name": "单位名称",
        "department": "二级单位",
        "uscc": "统一社会信用代码",
        "nature": "单位性质",
        "province": "所在省市",
        "district": "所在区县",
        "address": "通信地址",
        "contact_name": "单位联系人姓名",
        "contact_mobile": "单位联系人手机",
        "contact_phone": "单位联系人办公电话",
        "email": "E-mail",
        "bank_holder": "户名",
        "bank_name": "开户银行",
        "bank_account": "银行账号",
        "bank_code": "银行行号",
    },
}
"""What pages and the PDF call the frozen facts."""
