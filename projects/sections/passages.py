"""What changed inside a long text: its sentences, old and new, with what stayed the same cut short."""

import re
from difflib import SequenceMatcher
from typing import NamedTuple

SENTENCE = re.compile(r"[^。！？；!?;\n]*(?:[。！？；!?;\n]+|$)")
SHORT = 60
"""Code points of a text that is shown whole."""
MOST_SENTENCES = 400
"""Beyond that many the comparison would take too long, and both texts are shown whole."""
BESIDE = 20
"""How much of an unchanged stretch is kept on either side of a change."""


class Passage(NamedTuple):
    """A stretch of a text, and whether it changed."""

    text: str
    changed: bool


def passages(before, after):
    """`(old, new)`, each a list of Passages in order. Nothing is left out but the middle of unchanged stretches."""
    old, new = (SENTENCE.findall(text)[:-1] or [text] for text in (before, after))
    if min(len(before), len(after)) <= SHORT or max(len(old), len(new)) > MOST_SENTENCES:
        return [Passage(before, True)], [Passage(after, True)]
    sides = [], []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for side, text in ((sides[0], "".join(old[i1:i2])), (sides[1], "".join(new[j1:j2]))):
            if text:
                side.append(Passage(text, tag != "equal"))
    return tuple([_cut(passage, side) for passage in side] for side in sides)


def _cut(passage, side):
    """An unchanged passage without its middle; nothing is kept at an end of the text, unless it is all there is."""
    text = passage.text
    alone = len(side) == 1
    first, last = passage is side[0] and not alone, passage is side[-1] and not alone
    head, tail = (0 if first else BESIDE), (0 if last else BESIDE)
    if passage.changed or len(text) <= head + tail + 10:
        return passage
    return Passage(f"{text[:head]}……{text[len(text) - tail :]}", False)
