"""Typing what a tab of the 申报书 stores into its page."""

import re


def fill_in(page, values, prefix=""):
    """Type stored values into the controls of the same names; rows are added one after the other."""
    for name, value in values.items():
        if isinstance(value, list) and (not value or isinstance(value[0], dict)):
            for row in value:
                page.get_by_role("button", name=re.compile("^添加")).click()
                fill_in(page, {key: each for key, each in row.items() if key != "key"}, f"{name}-{row['key']}-")
            continue
        _fill(page, f"{prefix}{name}", value)


def _fill(page, name, value):
    control = page.locator(f'[name="{name}"]')
    kind = control.first.evaluate("e => e.type")
    if kind in ("checkbox", "radio"):
        for each in value if isinstance(value, list) else [value]:
            box = control if each is True else page.locator(f'[name="{name}"][value="{each}"]')
            box.check()
    elif kind == "select-one":
        control.select_option(value)
    else:
        control.fill("，".join(value) if isinstance(value, list) else value)
