"""What a view tells the frame of its page: the menu, the tabs and the banners around it."""

from dataclasses import dataclass, field

NOT_READ = object()


@dataclass
class Frame:
    """`request.frame`. Nothing has to be told; what a view has read anyway the frame need not ask for again."""

    menu_entry: str = ""
    """The name of the page whose entry in the menu is lit, where the path alone cannot tell."""
    waiting: dict[str, int] = field(default_factory=dict)
    """How many wait for the actor, by the name of the list in which they do."""
    own_unit: object = NOT_READ
    """The unit that a 个人 belongs to; None for one who belongs to none."""
