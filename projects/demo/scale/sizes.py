"""How many of everything. The numbers come on top of the small demo."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Sizes:
    """`people` and `waiting` count everywhere, the two places named below included.

    The huge unit is 重庆样例大学（虚构）: `huge_people` in `huge_departments` 二级单位, of whom `huge_waiting` wait at
    软件学院. The plain one is 重庆样例智能装备有限公司（虚构）: many people and no 二级单位. Of all `proposals` it has
    `plain_proposals`, and `plain_proposals_waiting` stand in its 单位审核; `huge_proposals_waiting` wait at 软件学院.
    """

    units: int
    people: int
    waiting: int
    huge_departments: int
    huge_people: int
    huge_waiting: int
    plain_people: int
    plain_waiting: int
    proposals: int
    plain_proposals: int
    plain_proposals_waiting: int
    huge_proposals_waiting: int


LARGE = Sizes(
    units=20_000,
    people=200_000,
    waiting=50_000,
    huge_departments=60,
    huge_people=8_000,
    huge_waiting=5_000,
    plain_people=20_000,
    plain_waiting=5_000,
    proposals=100_000,
    plain_proposals=20_500,
    plain_proposals_waiting=10_000,
    huge_proposals_waiting=2_200,
)
MEDIUM = Sizes(
    units=2_000,
    people=20_000,
    waiting=5_000,
    huge_departments=60,
    huge_people=800,
    huge_waiting=500,
    plain_people=2_000,
    plain_waiting=500,
    proposals=10_000,
    plain_proposals=2_050,
    plain_proposals_waiting=1_000,
    huge_proposals_waiting=220,
)
"""A tenth of everything, those lists included."""
HUGE = replace(
    LARGE,
    people=2_000_000,
    waiting=500_000,
    proposals=1_000_000,
)
"""Ten times as many people and 申报书; the lists of the units that are named stay as long as they were."""
SCALES = {"medium": MEDIUM, "large": LARGE, "huge": HUGE}
