"""What a person sees of the stand-in: one login page, one notice page and their style sheet."""

from collections.abc import Iterable
from html import escape

TITLE = "渝快办（开发替身）"
ENTRANCE_NAMES = {"legal": "法人用户", "person": "个人用户"}

STYLE = """\
:root { color-scheme: light; --ink: #1b2733; --soft: #5a6875; --line: #d5dce3; --accent: #0b5cad; --ground: #f2f5f8; }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.5rem 1rem 3rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.6 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", system-ui, sans-serif; }
main { max-width: 34rem; margin: 0 auto; padding: 1.5rem; background: #fff; border: 1px solid var(--line);
  border-radius: 12px; }
.stand-in { margin: 0 0 1rem; padding: .5rem .75rem; border-radius: 8px; background: #fff4d6; color: #5c4300;
  font-size: .875rem; }
h1 { margin: 0 0 .25rem; font-size: 1.375rem; line-height: 1.35; }
p { margin: 0 0 1rem; color: var(--soft); }
ul { margin: 0 0 1rem; padding: 0; list-style: none; display: grid; gap: .625rem; }
button { width: 100%; min-height: 44px; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 8px;
  background: #fff; color: inherit; font: inherit; text-align: left; cursor: pointer; overflow-wrap: anywhere; }
button:hover { border-color: var(--accent); background: #f3f8fd; }
button:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
button strong { display: block; font-weight: 600; }
button span { display: block; color: var(--soft); font-size: .875rem; }
.cancel { width: auto; color: var(--soft); font-size: .875rem; }
a { color: var(--accent); }
"""


def page(heading: str, body: str) -> str:
    """A whole HTML page. `heading` is text, `body` is markup."""
    return (
        '<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(heading)} · {TITLE}</title>\n"
        '<link rel="icon" href="data:,">\n<link rel="stylesheet" href="/style.css">\n</head>\n<body>\n<main>\n'
        f'<p class="stand-in">{TITLE}：仅用于本机开发和演示，不是真实的渝快办。</p>\n'
        f"<h1>{escape(heading)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def notice_page(heading: str, sentence: str) -> str:
    """A page that says one thing."""
    return page(heading, f"<p>{escape(sentence)}</p>")


def login_page(entrance: str, accounts: Iterable[dict], parameters: dict[str, str], current: str | None) -> str:
    """One button for each account of the entrance, in the given order; `current` is who is logged in here already."""
    hidden = "\n".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in parameters.items()
    )
    items = "\n".join(_account_item(account, current) for account in accounts)
    choice = (
        f"<p>点击一个演示账号即可登录。</p>\n<ul>\n{items}\n</ul>"
        if items
        else "<p>这个入口还没有演示账号，请先运行 ./dev manage seed_demo。</p>"
    )
    return page(
        f"{ENTRANCE_NAMES[entrance]}登录",
        f'<form method="post" action="/authorize">\n{hidden}\n{choice}\n'
        '<button class="cancel" name="cancel" value="1">取消登录</button>\n</form>',
    )


def _account_item(account: dict, current: str | None) -> str:
    note = account.get("note", "")
    if account["sub"] == current:
        note = f"{note} · 当前已登录" if note else "当前已登录"
    return (
        f'<li><button name="sub" value="{escape(account["sub"])}"><strong>{escape(account.get("label", ""))}</strong>'
        f"<span>{escape(note)}</span></button></li>"
    )
