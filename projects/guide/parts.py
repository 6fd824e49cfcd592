"""What a guide is made of, and where its pictures lie."""

from dataclasses import dataclass

from django.contrib.staticfiles import finders
from django.templatetags.static import static

from orgs.enums import Role

FOLDER = "zhgg/guide"
"""Below the folder of static files. Git ignores it."""


@dataclass(frozen=True)
class Picture:
    """A picture of a real page, for a wide window and for a phone. `alt` says what there is to see; sizes are those
    of the window in CSS pixels."""

    name: str
    alt: str
    width: int = 1120
    height: int = 640
    phone_width: int = 390
    phone_height: int = 720

    @property
    def file(self):
        """Path below the folder of static files."""
        return f"{FOLDER}/{self.name}.webp"

    @property
    def phone_file(self):
        """Likewise, of the page on a phone."""
        return f"{FOLDER}/{self.name}-phone.webp"

    @property
    def url(self):
        """Where the browser finds it; "" when it has not been taken."""
        return _address(self.file)

    @property
    def phone_url(self):
        """Likewise, of the page on a phone."""
        return _address(self.phone_file)


def _address(file):
    if finders.find(file) is None:
        return ""
    try:
        return static(file)
    except ValueError:
        # Taken after collectstatic, so that no server of static files has it.
        return ""


@dataclass(frozen=True)
class Task:
    """Something that a role comes to do: where (in words, and the name of the address), the steps one by one, what
    else is worth knowing, and pictures of it."""

    key: str
    title: str
    where: str
    address: str
    steps: tuple[str, ...]
    pictures: tuple[Picture, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Guide:
    """All tasks of one role, in the order in which they come up."""

    role: Role
    icon: str
    who: str
    tasks: tuple[Task, ...]

    @property
    def slug(self):
        """Its part of the address."""
        return self.role.value

    @property
    def title(self):
        return NAMES.get(self.role, self.role.label)


NAMES = {Role.PERSON: "项目负责人"}
"""Where the guide calls a role otherwise than the account menu does: every 个人用户 may lead a project."""
