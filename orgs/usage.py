"""Registry of who refers to a 二级单位. Higher apps register in `AppConfig.ready()`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Use:
    """`count` rows refer to the 二级单位; `sentence` says so in words: 有 126 人的个人信息填写了这个二级单位.

    `advice` says what can be done about them; `url` leads to them under the words of `label`.
    """

    count: int
    sentence: str
    advice: str = ""
    url: str = ""
    label: str = ""


@dataclass(frozen=True)
class Figures:
    """What the list shows of one 二级单位: people who refer to it, and `(what, number)` of everything that waits."""

    people: int = 0
    waiting: tuple = ()

    @property
    def waiting_total(self):
        """Everything that waits there."""
        return sum(number for _, number in self.waiting)


_users = []
_people = []
_waiting = {}


def register(function):
    """Have `function(department)` asked before a 二级单位 is deleted; it returns a list of Use."""
    if function not in _users:
        _users.append(function)


def register_people(*, count, listing):
    """Say who refers to a 二级单位: `count(ids)` answers `{id: number}` in a fixed number of queries,
    `listing(department)` the people as a QuerySet of rows with `name` and `in_force`."""
    _people[:] = [(count, listing)]


def register_waiting(label, count):
    """Say what waits at a 二级单位, by a word such as 申报书; `count(ids)` answers `{id: number}` in one query."""
    _waiting[label] = count


def of(department):
    """Every Use of the 二级单位 that stands in the way of deleting it."""
    return [use for function in _users for use in function(department) if use.count]


def figures(ids):
    """`{id: Figures}` for many 二级单位 at once, in as many queries as for one."""
    ids = list(ids)
    people = [count(ids) for count, _ in _people]
    waiting = [(label, count(ids)) for label, count in _waiting.items()]
    return {
        pk: Figures(
            sum(counts.get(pk, 0) for counts in people),
            tuple((label, counts[pk]) for label, counts in waiting if counts.get(pk)),
        )
        for pk in ids
    }


def people(department):
    """The people who refer to the 二级单位, by name."""
    [(_, listing)] = _people
    return listing(department)
