"""Refusals that services raise and `AnswerMiddleware` turns into pages."""


class Refusal(Exception):
    """A request that cannot be carried out. `message` is the Chinese sentence the user reads.

    `links` is a list of `(url, label)`: the ways on that the page offers. `kept` is a list of `(label, text)`: what was
    typed, shown so that it can be copied.
    """

    status = 400
    title = "不能办理"

    def __init__(self, message, *, title=None, links=()):
        super().__init__(message)
        self.message = message
        self.title = title or self.title
        self.links = list(links)
        self.kept = []


class NeverAllowed(Refusal):
    """May be seen, but in this role is never done: 403."""

    status = 403
    title = "您的身份不能办理这件事"


class NotNow(Refusal):
    """Only the present state, step or time forbids it: 409."""

    status = 409
    title = "现在不能办理"


class TooOften(Refusal):
    """May be done, but has been done too often just now: 429. `retry_after` seconds from now it goes again."""

    status = 429
    title = "操作太频繁"

    def __init__(self, message, *, retry_after, title=None):
        super().__init__(message, title=title)
        self.retry_after = retry_after
