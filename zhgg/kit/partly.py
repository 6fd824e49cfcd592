"""Models with many columns, of which lists read two or three."""

from django.db import models
from django.db.models.base import ModelState


class PartlyRead(models.Model):
    """Makes an instance of a few columns without a look at all the others, which is most of what Django does for it."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        """The instance as Django's `from_db` makes it; without the signals pre_init and post_init when columns are
        left out."""
        if len(field_names) == len(cls._meta.concrete_fields):
            return super().from_db(db, field_names, values)
        row = cls.__new__(cls)
        row._state = ModelState()
        row._state.adding, row._state.db = False, db
        for name, value in zip(field_names, values, strict=True):
            setattr(row, name, value)
        return row
