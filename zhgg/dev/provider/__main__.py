"""`python -m zhgg.dev.provider`: the stand-in as a process of its own, until SIGTERM or Ctrl-C."""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from zhgg.dev.oidc_defaults import OIDC_PORT
from zhgg.dev.provider import serve


def main() -> int:
    """Serve until told to end."""
    parser = argparse.ArgumentParser(prog="python -m zhgg.dev.provider", description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("OIDC_PORT") or OIDC_PORT))
    parser.add_argument(
        "--accounts", type=Path, default=Path(os.environ.get("OIDC_ACCOUNTS_FILE") or ".dev/accounts.json")
    )
    arguments = parser.parse_args()
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: done.set())
    try:
        provider = serve(port=arguments.port, accounts_file=arguments.accounts)
    except OSError as error:
        print(f"渝快办开发替身无法使用端口 {arguments.port}（{error.strerror}）。", file=sys.stderr)
        return 1
    done.wait()
    provider.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
