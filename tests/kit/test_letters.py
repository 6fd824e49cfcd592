"""Words found in titles by their characters, and by reading."""

import pytest
from django.db import connection

from projects.models import Proposal
from tests import factories as make
from zhgg.kit.letters import part_lookup

TITLES = (
    *("面向三峡库区的水环境研究", "库三区峡", "Graph neural NETWORKS 网络", "低空 100% 国产_化"),
    *("a\\b 的研究", "", "库库"),
)
CHINESE = ("库区", "库", "库库", "区库", "三峡库区的", "没有", "𠀀")
OTHERS = ("graph", "GRAPH NEURAL", "networks 网", "100%", "0%国", "_化", "_", "%", "\\", "\\b", "ß", "{库,区}", " ")


@pytest.fixture
def titled(db):
    person, call = make.make_person(unit=make.make_unit()), make.make_call()
    for title in TITLES:
        make.make_proposal(person, call, title=title)


@pytest.mark.parametrize("text", [*CHINESE, *OTHERS])
def test_a_part_is_found_as_icontains_finds_it(text, titled):
    wanted = set(Proposal.objects.filter(title__icontains=text).values_list("title", flat=True))

    assert set(Proposal.objects.filter(title__has_part=text).values_list("title", flat=True)) == wanted
    found = Proposal.objects.filter(**{f"title__{part_lookup(text)}": text})
    assert set(found.values_list("title", flat=True)) == wanted
    assert wanted == {title for title in TITLES if text.upper() in title.upper()}


def test_the_index_is_asked(titled):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "proposal_by_letters" in Proposal.objects.filter(title__has_part="库区").explain()
