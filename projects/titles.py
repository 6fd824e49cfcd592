"""When two 项目名称 are the same."""

import unicodedata


def title_key(title):
    """What two titles are compared by: blanks, punctuation, full width and upper case make no difference. At most 200
    code points; "" for a title of nothing else."""
    text = unicodedata.normalize("NFKC", title).casefold()
    return "".join(character for character in text if unicodedata.category(character)[0] in "LN")[:200]
