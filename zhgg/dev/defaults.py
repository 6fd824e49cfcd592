"""What development sets by itself: `zhgg.settings` calls `apply_development_defaults` before it reads anything.

Every value is a default only: whoever sets the variable keeps it. Nothing here knows Django's settings.
"""

import base64
import json
import os
import secrets
import socket
import tempfile
from pathlib import Path

from zhgg.dev.oidc_defaults import OIDC_CLIENT_DEFAULTS, OIDC_PORT
from zhgg.dev.postgres import Cluster

DATABASE = "zhgg"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
STAND_IN = "ZHGG_STAND_IN"
WILDCARD_HOSTS = ("0.0.0.0", "::", "[::]", "*")


def apply_development_defaults(base_dir: Path) -> None:
    """Fill in what the environment does not set, and start the embedded PostgreSQL when no DATABASE_URL is set."""
    set_defaults(base_dir)
    if not os.environ.get("DATABASE_URL"):
        cluster = embedded_cluster(base_dir)
        os.environ["DATABASE_URL"] = cluster.hold(DATABASE)
        os.environ.setdefault("PGHOST", str(cluster.sockets))  # `manage.py dbshell` passes on no host of a URL's query


def embedded_cluster(base_dir: Path) -> Cluster:
    """The server of this process: pytest has one of its own that need not survive a power cut."""
    return Cluster(base_dir, durable="PYTEST_VERSION" not in os.environ)


def set_defaults(base_dir: Path) -> None:
    """Everything but the database."""
    state = base_dir / ".dev"
    state.mkdir(mode=0o700, exist_ok=True)
    made_once = _made_once(state / "secrets.json")
    host, port = site_address()
    issuer = f"http://127.0.0.1:{os.environ.get('OIDC_PORT') or made_once['OIDC_PORT']}"
    defaults = {
        **OIDC_CLIENT_DEFAULTS,
        "SECRET_KEY": made_once["SECRET_KEY"],
        "FIELD_KEYS": made_once["FIELD_KEYS"],
        "ALLOWED_HOSTS": _allowed_hosts(host),
        "ALLOW_SYNTHETIC_IDS": "1",
        "OIDC_ISSUER": issuer,
        "OIDC_ACCOUNTS_FILE": str(state / "accounts.json"),
        "YKB_REGISTER_URL": f"{issuer}/register",
        "SITE_URL": site_url(host, port),
        "EMAIL_URL": "consolemail://",
        "UPLOAD_DIR": str(state / "uploads"),
    }
    # Whoever names an issuer runs it, on this machine too: then `./dev run` starts no stand-in of its own.
    os.environ.setdefault(STAND_IN, "" if os.environ.get("OIDC_ISSUER") else "1")
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    _bypass_proxies()


def site_address() -> tuple[str, int]:
    """HOST and PORT, where the site listens. A ValueError when PORT is no port."""
    text = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ValueError(text)
    return (os.environ.get("HOST") or DEFAULT_HOST).strip("[]"), int(text)


def site_url(host: str, port: int) -> str:
    """The address to open in a browser on this machine. The login leads back to 127.0.0.1, so it starts there too."""
    shown = DEFAULT_HOST if host in (*WILDCARD_HOSTS, "localhost") else host
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"


def _allowed_hosts(host: str) -> str:
    hosts = ["127.0.0.1", "localhost", "[::1]"]
    if host in WILDCARD_HOSTS:
        hosts.append("*")
    elif host not in ("127.0.0.1", "localhost", "::1"):
        hosts.append(f"[{host}]" if ":" in host else host)
    return ",".join(hosts)


def _made_once(file: Path) -> dict:
    """Keys and the port of the stand-in, made at the first start. Of two that make them at once, one wins for both.

    The port belongs here because it is part of the issuer, and an account is (issuer, sub): with another port
    tomorrow, today's accounts would be strangers.
    """
    if not file.exists():
        values = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "FIELD_KEYS": f"dev1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
            "OIDC_PORT": _free_port(OIDC_PORT),
        }
        handle, whole = tempfile.mkstemp(dir=file.parent)  # readable by its owner only
        with open(handle, "w", encoding="utf-8") as output:
            json.dump(values, output, indent=2)
        try:
            os.link(whole, file)
        except FileExistsError:
            pass
        finally:
            os.unlink(whole)
    return json.loads(file.read_text("utf-8"))


def _free_port(first: int) -> int:
    for port in range(first, first + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return first


def _bypass_proxies() -> None:
    """Keep a proxy of the machine away from loopback: the stand-in is there."""
    for name in ("no_proxy", "NO_PROXY"):
        listed = [entry for entry in os.environ.get(name, "").split(",") if entry]
        missing = [entry for entry in ("127.0.0.1", "localhost") if entry not in listed]
        os.environ[name] = ",".join([*listed, *missing])
