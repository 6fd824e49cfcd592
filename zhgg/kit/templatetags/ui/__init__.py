"""`{% load ui %}`: the components that pages are built from. Every state of each is drawn at /dev/components/.

    {% icon "stamp" %}                                    an icon; unknown names raise
    {% badge obj %}  {% badge "待审核" "todo" "hourglass" %}   state badge
    {% route steps %}                                     流转三点; steps = [("部门", "done"), ("单位", "now"), …]
    {% timeline items %}                                  办理记录; items = [kit.ui.TimelineItem, …], newest first
    {% facts rows columns=3 %}  {% fact label value %}    view mode; missing values say 未填写
    {% masked kind object_id value style %}               500112********4217 显示
    {% panel "基本信息" note="…" %} … {% endpanel %}       a titled box; flush=True without padding
    {% note "warn" %} … {% endnote %}                     info, ok, warn, bad
    {% dialog "dlg-reject" "审核不通过" action=url %} … {% enddialog %}   <dialog> opened by data-dialog="dlg-reject"
    {% bars items %}  {% stacks items keys %}             horizontal bars; items = [kit.charts.Bar, …], [Stack, …]
    {% lines chart %}  {% columns chart %}                kit.charts.LineChart, ColumnChart
    {% data_table table %}                                kit.charts.Table, folded beneath a chart
    {% crumbs "单位信息" url "维护单位信息" %}               label url label url … label
    {% tabs links label="环节" %}  {% chips links label="按状态筛选" %}   links = [kit.ui.Link, …]
    {% filters form reset=url label="查询个人信息" %}        the bar of search conditions
    {% pager page %}                                      共80页 20/页 上一页 1 2 3 …
    {% sort_link "更新时间" "updated" %}                   heading of a hand-written table
    {% form_errors form %}  {% error_title form %}        the summary on top; "有 3 处需要修改 - " for the title
    {% fields form "name" "phone" %}                      fields in a row of three; no names = all visible ones
    {% grid fields %}                                     the same of bound fields
    {% row_action "查看" url "张广源" %}                    a link in the 操作 column
    {% replace_query "page" 3 %}                          ?… with one GET parameter changed
    {% address "messages" %}  {% asset "zhgg/zhgg.css" %}   as {% url %} and {% static %}, worked out once
    {% button_form "reveal" next=path %}                  a hidden form that buttons anywhere send (form="reveal")
    {% drawn_once "ui/bell.html" unread=3 %}              a template that needs nothing but these values, kept as drawn
    {{ text|markdown }}                                   Markdown as safe HTML, inside <div class="prose">
    {{ value|moment }}  {{ value|day }}  {{ n|grouped }}  {{ n|file_size }}  2026-11-22 10:13, 2026-11-22, 1,592, 1.2 MB

Tables: `{% load django_tables2 %}{% render_table table %}` inside `<section class="tablebox" aria-label="…">`, then
`{% pager table.page %}`. `caption = "…"` on the Table class names it; cells take `attrs={"td": {"class": "nw c-hide"}}`
(nw = never wraps, r = to the right, c-hide = not on the phone, c-badge = top right of the phone's card).
"""

from django import template

from zhgg.kit.templatetags.ui import boxes, charts, forms, marks, once, site, tables, values, ways

register = template.Library()
for subject in (marks, values, boxes, charts, ways, tables, forms, site, once):
    register.tags |= subject.register.tags
    register.filters |= subject.register.filters
