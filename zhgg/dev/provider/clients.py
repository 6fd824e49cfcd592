"""The two clients, one for each entrance of the site."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from zhgg.dev.oidc_defaults import OIDC_CLIENT_DEFAULTS


@dataclass(frozen=True)
class Client:
    """A registered relying party. `entrance` is the kind of account that it may see."""

    secret: str
    entrance: str

    def accepts(self, secret: str | None) -> bool:
        """Whether the secret is right, in constant time."""
        return secrets.compare_digest(self.secret.encode(), (secret or "").encode())


def clients_from_environment(environment: Mapping[str, str]) -> dict[str, Client]:
    """The clients that the site uses: the same variables, the same defaults."""
    values = {name: environment.get(name) or default for name, default in OIDC_CLIENT_DEFAULTS.items()}
    return {
        values[f"OIDC_{entrance.upper()}_CLIENT_ID"]: Client(values[f"OIDC_{entrance.upper()}_CLIENT_SECRET"], entrance)
        for entrance in ("legal", "person")
    }
