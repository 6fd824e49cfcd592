"""What holds content together: panels, notes, dialogs, the 办理记录."""

from django import template
from django.template.defaultfilters import linebreaksbr
from django.template.loader import render_to_string

from zhgg.kit import ui
from zhgg.kit.icons import draw_icon
from zhgg.kit.markup import markup, text
from zhgg.kit.moments import moment

register = template.Library()

NOTE_ICONS = {"info": "info", "ok": "circle-check", "warn": "triangle-alert", "bad": "circle-alert"}
MESSAGE_TONES = {"success": "ok", "warning": "warn", "error": "bad"}
TIMELINE_ICONS = {"done": "check", "now": "hourglass", "next": "ellipsis", "back": "undo-2"}


@register.simple_block_tag
def panel(content, title, note="", id="", flush=False, more_url="", more_label="更多", icon=""):
    """`{% panel "基本信息" note="…" %} … {% endpanel %}`: a section with a heading. `flush` leaves out the padding.

    The heading's id comes from the title; give an `id` where two panels of a page have the same title.
    """
    heading_id = text(f"{id or '-'.join(str(title).split())}-title")
    named = f' id="{text(id)}"' if id else ""
    drawn = draw_icon(icon) if icon else ""
    beside = f"<p>{text(note)}</p>" if note else ""
    more = f'<a class="more" href="{text(more_url)}">{text(more_label)}</a>' if more_url else ""
    body = text(content) if flush else f'<div class="panel__body">{text(content)}</div>'
    return markup(
        f'<section class="panel" aria-labelledby="{heading_id}"{named}><div class="panel__head">'
        f'<h2 class="bar-title" id="{heading_id}">{drawn}{text(title)}</h2>{beside}{more}</div>{body}</section>'
    )


@register.simple_block_tag
def note(content, tone="info", role=""):
    """`{% note "warn" %} … {% endnote %}`. `role="status"` or `"alert"` when it answers what the user just did."""
    return draw_note(content, tone, role)


def draw_note(content, tone="info", role=""):
    name = NOTE_ICONS[ui.one_of(tone, tuple(NOTE_ICONS), "tone of a note")]
    role = f' role="{text(role)}"' if role else ""
    return markup(f'<div class="note note--{tone}"{role}>{draw_icon(name)}<div>{text(content)}</div></div>')


@register.simple_tag
def message_note(message):
    """One message of django.contrib.messages as a note."""
    return draw_note(message, MESSAGE_TONES.get(message.level_tag, "info"))


@register.simple_block_tag(takes_context=True)
def dialog(context, content, id, title, lead="", action="", wide=False):
    """`{% dialog "dlg-x" "标题" lead="…" action=url %}<div class="dlg__body">…</div><div class="dlg__foot">…</div>…`.

    Script opens it from `<a href="…the same task as a page…" data-dialog="dlg-x">`. With `action` the inside is a
    POST form with its token. Buttons with `data-close` close it; the element with `data-focus` gets the focus.
    """
    values = {"id": id, "title": title, "lead": lead, "action": action, "wide": wide, "content": content}
    return render_to_string("ui/dialog.html", {**values, "csrf_token": context.get("csrf_token")})


@register.simple_tag
def timeline(items):
    """`{% timeline items %}`: items are kit.ui.TimelineItem, newest first."""
    return markup(f'<ol class="timeline">{"".join(map(_moment, items))}</ol>')


def _moment(item):
    who = f"{text(item.who)} " if item.who else ""
    when = f"<time>{moment(item.when)}</time>" if item.when else ""
    beside = " · ".join([words for words in (when, text(item.note)) if words])
    quote = f"<blockquote>{linebreaksbr(item.quote)}</blockquote>" if item.quote else ""
    return (
        f'<li class="is-{item.tone}"><span class="pt">{draw_icon(item.icon or TIMELINE_ICONS[item.tone])}</span>'
        f"<b>{who}{text(item.title)}</b>{f'<p>{beside}</p>' if beside else ''}{quote}</li>"
    )
