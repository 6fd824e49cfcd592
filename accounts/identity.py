"""By what a person is known: the keyed digest of the verified 证件, the same at a login and in an earlier grant."""

from zhgg.kit.crypto import digest
from zhgg.kit.identifiers.id_documents import WITH_BIRTH_DATE


def identity_digest(id_type, number):
    """The digest of a normalised 证件号码 of the type; "" for no number.

    A 公民身份号码 is unique by itself, on whichever card it stands. Other numbers are unique among their own type only:
    a passport may well carry the number of somebody else's 港澳居民来往内地通行证.
    """
    if not number:
        return ""
    return digest("id_number", number if id_type in WITH_BIRTH_DATE else f"{id_type}:{number}")
