"""How log lines are written in production: one JSON object a line, which nothing in it can break or forge.

Everything outside ASCII is escaped (`jq` shows it as it was), so neither line breaks nor the control characters of a
terminal come through. Of an error only the first line of its message is kept: PostgreSQL puts the failing row, with
names and telephone numbers, into the lines below.
"""

import json
import logging
from datetime import UTC, datetime
from traceback import extract_tb

MESSAGE_CHARACTERS = 4000
PATH_CHARACTERS = 200
access = logging.getLogger("zhgg.access")


class JsonFormatter(logging.Formatter):
    """time (UTC), level, logger, request_id, message, what `extra={"fields": {…}}` adds, and the error if there is one.

    Needs `request_context.LogFilter` on the handler.
    """

    def format(self, record):
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": record.request_id,
            "message": record.getMessage()[:MESSAGE_CHARACTERS],
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = _chain(record.exc_info[1])
        return json.dumps(line, default=str)


def _chain(error):
    """The error and what led to it, the latest first: what it says in one line, and where it passed."""
    found, seen = [], set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        first_line = str(error).partition("\n")[0][:300]
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)]
        found.append({"type": type(error).__qualname__, "message": first_line, "at": places})
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def log_access(request, response, seconds):
    """The line of one request that was answered after so many seconds.

    The path goes without its query, in which codes of logins and what people search for stand. Who asked is known by
    the account's number, and only when answering needed to know it: no query is made for the log.
    """
    user = getattr(request, "_cached_user", None)
    fields = {
        "method": request.method[:10],
        "path": request.path[:PATH_CHARACTERS],
        "status": response.status_code,
        "ms": round(seconds * 1000),
        "user": user.pk if user else None,
    }
    access.info("%s %s %s", fields["method"], fields["path"], fields["status"], extra={"fields": fields})
