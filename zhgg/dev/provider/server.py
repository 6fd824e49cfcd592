"""The HTTP side of the stand-in: which path answers what. The rules of what is handed out are the Provider's."""

import base64
import binascii
import hashlib
import json
import re
import secrets
import socketserver
import time
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from zhgg.dev.provider import pages
from zhgg.dev.provider.faults import HUGE_BYTES, RAW, STANDING, gzip_bomb
from zhgg.dev.provider.grants import Grant
from zhgg.dev.provider.tokens import base64url

if TYPE_CHECKING:
    from zhgg.dev.provider import Provider

COOKIE = "ykb_standin_session"
MAX_BODY = 64 * 1024
REDIRECT_HOSTS = frozenset({"127.0.0.1", "localhost", "::1", "testserver"})
AUTHORIZE_PARAMETERS = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
)
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def is_registered(uri: str) -> bool:
    """Whether we may send a browser there: an address on this machine (and the host name of Django's test client)."""
    if not uri.isascii() or not uri.isprintable() or " " in uri:
        return False
    try:
        parts = urlsplit(uri)
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and parts.hostname in REDIRECT_HOSTS
        and not parts.fragment
        and "@" not in parts.netloc
    )


class Server(ThreadingHTTPServer):
    """Listens on loopback. A thread per request, so that a slow answer holds up nobody else."""

    daemon_threads = True
    # 200 logins at once are no reason to let anybody's connection wait for a second try.
    request_queue_size = 256

    def __init__(self, provider: "Provider", port: int) -> None:
        self.provider = provider
        super().__init__(("127.0.0.1", port), Handler)

    def server_bind(self) -> None:
        """Bind without the base class's name look-up, which may take seconds on a machine without DNS."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[0], self.server_address[1]

    def handle_error(self, request, client_address) -> None:
        """A browser or a test that hangs up is no error of ours."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "ykb-stand-in"
    sys_version = ""
    timeout = 60
    server: Server

    @property
    def provider(self) -> "Provider":
        return self.server.provider

    # Requests --------------------------------------------------------------------------------------------------------

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._dispatch(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True
            self._notice(413, "请求过大", "请求内容过大。")
            return
        body = self.rfile.read(int(length)).decode("utf-8", "replace")
        self._dispatch(urlsplit(self.path).path, dict(parse_qsl(body, keep_blank_values=True)))

    def _dispatch(self, path: str, parameters: dict[str, str]) -> None:
        self.provider.requests.append(path)
        del self.provider.requests[:-1000]
        routes = {
            ("GET", "/"): self._home,
            ("GET", "/style.css"): self._style,
            ("GET", "/register"): self._register,
            ("GET", "/authorize"): self._authorize,
            ("POST", "/authorize"): self._authorize,
            ("GET", "/logout"): self._logout,
            ("POST", "/logout"): self._logout,
            ("GET", "/.well-known/openid-configuration"): self._discovery,
            ("GET", "/jwks"): self._jwks,
            ("POST", "/token"): self._token,
            ("GET", "/userinfo"): self._userinfo,
            ("POST", "/userinfo"): self._userinfo,
        }
        # Where the "redirect" fault leads: the right answer, for a client that should not have followed.
        prefix, elsewhere, rest = path.partition("/elsewhere")
        self._moved = bool(elsewhere) and not prefix
        route = routes.get((self.command, rest if self._moved else path))
        if route is None:
            self._notice(404, "没有这个页面", "开发替身没有这个页面。")
        else:
            route(parameters)

    # Pages -----------------------------------------------------------------------------------------------------------

    def _home(self, parameters: dict[str, str]) -> None:
        self._notice(200, "统一身份认证", "这里没有可以直接打开的页面，请从智汇攻关的登录页进入。")

    def _style(self, parameters: dict[str, str]) -> None:
        self._send(200, pages.STYLE.encode(), "text/css; charset=utf-8", {"Cache-Control": "max-age=300"})

    def _register(self, parameters: dict[str, str]) -> None:
        self._notice(200, "注册", "真实环境中在这里注册渝快办账号；开发环境请直接使用演示账号登录。")

    def _authorize(self, parameters: dict[str, str]) -> None:
        client = self.provider.clients.get(parameters.get("client_id", ""))
        if client is None or not is_registered(parameters.get("redirect_uri", "")):
            self._notice(400, "无法登录", "未登记的客户端或回调地址。")
            return
        request = {name: parameters[name] for name in AUTHORIZE_PARAMETERS if name in parameters}
        if error := _request_error(request):
            self._callback(request, error=error[0], error_description=error[1])
            return
        if self.command == "POST":
            self._choose(client.entrance, request, parameters)
            return
        current = self.provider.sessions.get(self._cookie())
        if request.get("prompt") == "none":
            if current and self.provider.account(current, client.entrance):
                self._grant(request, current)
            else:
                self._callback(request, error="login_required")
            return
        accounts = self.provider.accounts_of(client.entrance)
        self._page(200, pages.login_page(client.entrance, accounts, request, current), request["redirect_uri"])

    def _choose(self, entrance: str, request: dict[str, str], parameters: dict[str, str]) -> None:
        if "sub" not in parameters:
            self._callback(request, error="access_denied")
        elif self.provider.account(parameters["sub"], entrance) is None:
            self._notice(400, "无法登录", "这个入口没有这个账号。")
        else:
            self._grant(request, parameters["sub"])

    def _grant(self, request: dict[str, str], sub: str) -> None:
        code = self.provider.codes.add(
            Grant(
                sub=sub,
                client_id=request["client_id"],
                redirect_uri=request["redirect_uri"],
                code_challenge=request["code_challenge"],
                nonce=request.get("nonce"),
                auth_time=int(time.time()),
            )
        )
        self.provider.sessions.pop(self._cookie())
        cookie = f"{COOKIE}={self.provider.sessions.add(sub)}; Path=/; HttpOnly; SameSite=Lax"
        self._callback(request, cookie=cookie, code=code)

    def _callback(self, request: dict[str, str], cookie: str | None = None, **answer: str) -> None:
        """Send the browser back with the answer, our name (RFC 9207) and what the faults make of them."""
        answer = {**answer, "state": request.get("state"), "iss": self.provider.issuer}
        faults = self.provider.faults
        for name in ("iss", "state", "code"):
            if f"callback_{name}" in faults and (name != "code" or "code" in answer):
                answer[name] = faults[f"callback_{name}"]
        if "callback_error" in faults:
            answer.pop("code", None)
            answer["error"] = faults["callback_error"]
        query = urlencode({name: value for name, value in answer.items() if value is not None})
        uri = request["redirect_uri"]
        self._redirect(f"{uri}{'&' if '?' in uri else '?'}{query}", cookie)

    def _logout(self, parameters: dict[str, str]) -> None:
        hint = parameters.get("id_token_hint")
        known = parameters.get("client_id") in self.provider.clients
        if hint:
            claims = self.provider.keys.subject_of(hint)
            if claims is None:
                self._notice(400, "无法退出", "退出请求中的 id_token_hint 无效。")
                return
            known = known or claims.get("aud") in self.provider.clients
        self.provider.sessions.pop(self._cookie())
        gone = f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        uri = parameters.get("post_logout_redirect_uri", "")
        if known and is_registered(uri):
            state = parameters.get("state")
            suffix = f"{'&' if '?' in uri else '?'}{urlencode({'state': state})}" if state else ""
            self._redirect(uri + suffix, gone)
        else:
            self._notice(200, "已退出", "您已退出渝快办（开发替身）。", gone)

    # Endpoints for the site ------------------------------------------------------------------------------------------

    def _discovery(self, parameters: dict[str, str]) -> None:
        self._rotate_if_told("discovery")
        self._answer("discovery", self.provider.metadata())

    def _jwks(self, parameters: dict[str, str]) -> None:
        self._rotate_if_told("jwks")
        self._answer("jwks", self.provider.keys.key_set())

    def _token(self, parameters: dict[str, str]) -> None:
        client_id, secret = self._credentials(parameters)
        client = self.provider.clients.get(client_id or "")
        if client is None or not client.accepts(secret):
            self._json(401, {"error": "invalid_client"}, {"WWW-Authenticate": "Basic"})
            return
        if parameters.get("grant_type") != "authorization_code":
            self._json(400, {"error": "unsupported_grant_type"})
            return
        unchecked = self.provider.faults.get("code") == "unchecked"
        codes = self.provider.codes
        grant = (codes.get if unchecked else codes.pop)(parameters.get("code"))
        verifier = parameters.get("code_verifier", "")
        if (
            grant is None
            or grant.client_id != client_id
            or grant.redirect_uri != parameters.get("redirect_uri")
            or not (unchecked or fits(verifier, grant.code_challenge))
        ):
            self._json(400, {"error": "invalid_grant"})
            return
        self._rotate_if_told("token")
        self._answer("token", self.provider.token_response(grant))

    def _userinfo(self, parameters: dict[str, str]) -> None:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        grant = self.provider.tokens.get(token) if scheme.lower() == "bearer" else None
        claims = self.provider.userinfo(grant) if grant else None
        if claims is None:
            self._json(401, {"error": "invalid_token"}, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        else:
            self._rotate_if_told("userinfo")
            self._answer("userinfo", claims)

    def _credentials(self, parameters: dict[str, str]) -> tuple[str | None, str | None]:
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        place = "basic" if scheme.lower() == "basic" else "form"
        if self.provider.faults.get("client_auth", place) != place:
            return None, None
        if place == "form":
            return parameters.get("client_id"), parameters.get("client_secret")
        try:
            client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None, None
        return unquote_plus(client_id), unquote_plus(secret)

    def _rotate_if_told(self, endpoint: str) -> None:
        if self.provider.faults.get("rotate_at") == endpoint:
            self.provider.rotate_key()

    # Answers ---------------------------------------------------------------------------------------------------------

    def _answer(self, endpoint: str, document: dict) -> None:
        """The document as JSON, or what the endpoint's fault makes of it."""
        faults = self.provider.faults
        document = faults.edit(endpoint, document)
        mode = None if self._moved else faults.get(endpoint)
        json_type = "application/jwk-set+json" if endpoint == "jwks" else "application/json"
        if mode in STANDING:
            status, content_type, headers, body = STANDING[mode]
            self._send(status, body, content_type, headers)
        elif mode in RAW:
            self._raw(*RAW[mode], pause=0.5 if mode == "drip_header" else 0.0)
        elif mode == "redirect":
            # 307 keeps the method and the body, so that a client that follows does get the right answer.
            self._send(307, b"", "text/plain", {"Location": f"{self.provider.issuer}/elsewhere{self.path}"})
        elif mode == "signed":
            self._send(200, self.provider.keys.sign(document).encode(), "application/jwt")
        elif mode == "huge":
            padding = json.dumps({**document, "padding": "x" * HUGE_BYTES})
            self._send(200, padding.encode(), json_type)
        elif mode == "gzip_bomb":
            self._send(200, gzip_bomb(), json_type, {"Content-Encoding": "gzip"})
        elif mode in ("drip", "endless"):
            self._without_end(pause=0.5 if mode == "drip" else 0.0, chunk=b" " if mode == "drip" else b" " * 65536)
        else:
            if mode == "slow":
                self.provider.stopping.wait(self.provider.slow_seconds)
            self._send(200, json.dumps(document).encode(), json_type)

    def _raw(self, first: bytes, again: bytes, pause: float) -> None:
        """These bytes and nothing around them, and then the connection's end, if `again` does not come without one."""
        self.close_connection = True
        self.wfile.write(first)
        while again and not self.provider.stopping.wait(pause):
            self.wfile.write(again)

    def _without_end(self, pause: float, chunk: bytes) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        while not self.provider.stopping.wait(pause):
            self.wfile.write(chunk)

    def _json(self, status: int, document: dict, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(document).encode()
        self._send(status, body, "application/json", headers)

    def _notice(self, status: int, heading: str, sentence: str, cookie: str | None = None) -> None:
        self._page(status, pages.notice_page(heading, sentence), cookie=cookie)

    def _page(self, status: int, markup: str, leads_to: str = "", cookie: str | None = None) -> None:
        # Chromium applies form-action to redirects, so the way back to the site has to be named.
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(leads_to)) if leads_to else ""
        headers = {
            "Content-Security-Policy": (
                f"default-src 'none'; style-src 'self'; img-src data:; form-action 'self' {origin}".rstrip()
                + "; base-uri 'none'; frame-ancestors 'none'"
            ),
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        if cookie:
            headers["Set-Cookie"] = cookie
        self._send(status, markup.encode(), "text/html; charset=utf-8", headers)

    def _redirect(self, uri: str, cookie: str | None = None) -> None:
        headers = {"Location": uri}
        if cookie:
            headers["Set-Cookie"] = cookie
        self._send(302, b"", "text/plain", headers)

    def _send(self, status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": content_type,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _cookie(self) -> str | None:
        try:
            morsel = SimpleCookie(self.headers.get("Cookie", "")).get(COOKIE)
        except CookieError:
            return None
        return morsel.value if morsel else None

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the site logs what matters of a login."""


def fits(verifier: str, challenge: str) -> bool:
    """Whether this is the `code_verifier` behind the S256 challenge (RFC 7636, 4.6)."""
    digest = base64url(hashlib.sha256(verifier.encode()).digest())
    return bool(VERIFIER.fullmatch(verifier)) and secrets.compare_digest(digest, challenge)


def _request_error(request: dict[str, str]) -> tuple[str, str] | None:
    """What is wrong with an authorization request, as the OAuth error and its description."""
    if request.get("response_type") != "code":
        return "unsupported_response_type", "only response_type=code"
    if "openid" not in request.get("scope", "").split():
        return "invalid_scope", "scope must contain openid"
    if request.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(request.get("code_challenge", "")):
        return "invalid_request", "PKCE with S256 is required"
    return None
