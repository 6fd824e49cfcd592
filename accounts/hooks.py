"""What apps above want to happen at a login (keep the unit's data, open the person's record).

class OrgsConfig(AppConfig):
    def ready(self):
        hooks.on_login(services.receive_login)
"""

_functions = []


def on_login(function):
    """Register `function(*, user, claims)`; it runs inside the transaction of every 渝快办 login.

    `claims` is an `accounts.oidc.claims.Claims`. What the function raises undoes the login. Registering twice counts
    once. Returns the function, so that it can be used as a decorator.
    """
    if function not in _functions:
        _functions.append(function)
    return function


def run(*, user, claims):
    """Call every registered function, in the order of registration."""
    for function in _functions:
        function(user=user, claims=claims)
