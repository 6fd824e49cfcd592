"""Registry through which higher apps hear of changes here. They register in `AppConfig.ready()`."""

_approval = []


def on_approval(function):
    """Have `function(person=…)` called in the transaction that puts a new approved record in force."""
    _approval.append(function)


def approved(*, person):
    """Tell everybody who registered."""
    for function in _approval:
        function(person=person)
