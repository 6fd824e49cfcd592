"""Registry through which higher apps hear of changes here. They register in `AppConfig.ready()`."""

_manager_change = []


def on_manager_change(function):
    """Have `function(actor=…, department=…, holder_digest=…)` called in the transaction that names a new manager.

    An import of 二级单位 calls nobody: at one that exists from this moment on nothing can be waiting.
    """
    _manager_change.append(function)


def manager_changed(*, actor, department, holder_digest):
    """Tell everybody who registered."""
    for function in _manager_change:
        function(actor=actor, department=department, holder_digest=holder_digest)
