"""Registry through which higher apps hear of changes here. They register in `AppConfig.ready()`."""

_approval = []


def on_approval(function):
    """Have `function(person_ids=[…])` called in the transaction that puts new approved records in force."""
    _approval.append(function)


def approved(*, person_ids):
    """Tell everybody who registered."""
    for function in _approval:
        function(person_ids=person_ids)


_figures = []


def on_person_page(function):
    """Have `function(person)` asked for what 科技局 sees beside the record: a list of `orgs.usage.Number`."""
    if function not in _figures:
        _figures.append(function)


def figures_of(person):
    """Every Number of the person."""
    return [number for function in _figures for number in function(person)]
