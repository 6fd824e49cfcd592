"""Registry through which higher apps hear of changes here. They register in `AppConfig.ready()`."""

_approval = []


def on_approval(function):
    """Have `function(people=[…])` called in the transaction that puts new approved records in force."""
    _approval.append(function)


def approved(*, people):
    """Tell everybody who registered."""
    for function in _approval:
        function(people=people)
