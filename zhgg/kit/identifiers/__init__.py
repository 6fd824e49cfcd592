"""Numbers that identify people, units and accounts: one `clean_…` each, from typed text to the plain valid form.

Each raises django's ValidationError with a Chinese sentence that says what is wrong. The modules hold the rules.
"""

from zhgg.kit.identifiers import bank_account, cnaps, id_documents, uscc


def clean_id_number(id_type: str, text: str) -> str:
    """A 证件号码 of the type `id_type` (码表 id_document_type; "01" is the 居民身份证)."""
    number = id_documents.normalise(text)
    id_documents.validate(id_type, number)
    return number


def clean_uscc(text: str) -> str:
    """A 统一社会信用代码."""
    number = uscc.normalise(text)
    uscc.validate(number)
    return number


def clean_cnaps(text: str) -> str:
    """A 银行行号."""
    number = cnaps.normalise(text)
    cnaps.validate(number)
    return number


def clean_bank_account(text: str) -> str:
    """A 银行账号."""
    number = bank_account.normalise(text)
    bank_account.validate(number)
    return number
