"""Models of which lists read a few columns, and instances made of what a statement answers."""

from operator import itemgetter

from django.db import models
from django.db.models.base import ModelState


class PartlyRead(models.Model):
    """Makes an instance of a few columns without a look at all the others, which is most of what Django does for it.

    For models whose attributes hold what the database says: nothing happens when one is set on a new instance.
    """

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        """The instance as Django's `from_db` makes it; without the signals pre_init and post_init when columns are
        left out."""
        if len(field_names) == len(cls._meta.concrete_fields):
            return super().from_db(db, field_names, values)
        return _made(cls, db, zip(field_names, values, strict=True))


def _made(model, db, columns):
    row = model.__new__(model)
    state = row._state = ModelState()
    state.adding, state.db = False, db
    row.__dict__.update(columns)
    return row


class Maker:
    """Makes instances of one model, and of those joined to it, of rows that all have the same columns.

    Django's own way finds out again for each row what stands where. `info`, `select` and `annotations` are what a
    compiler knows of its statement (`klass_info`, `select`, `annotation_col_map`).
    """

    def __init__(self, info, select, annotations=()):
        self.model = info["model"]
        places = info["select_fields"]
        self.names = [select[place][0].target.attname for place in places]
        self.values = itemgetter(*places) if len(places) > 1 else lambda row: (row[places[0]],)
        self.key = places[self.names.index(self.model._meta.pk.attname)]
        self.is_plain = issubclass(self.model, PartlyRead)
        self.annotations = dict(annotations)
        self.joined = [
            (Maker(other, select), other["local_setter"], other["remote_setter"])
            for other in info.get("related_klass_infos", ())
        ]

    def make(self, row, db):
        """The instance that stands in `row`, an answer of the database `db`; None where a join found nothing."""
        if row[self.key] is None:
            return None
        if self.is_plain:
            instance = _made(self.model, db, zip(self.names, self.values(row), strict=True))
        else:
            instance = self.model.from_db(db, self.names, self.values(row))
        for maker, attach, attach_back in self.joined:
            other = maker.make(row, db)
            attach(instance, other)
            if other is not None:
                attach_back(other, instance)
        for name, place in self.annotations.items():
            setattr(instance, name, row[place])
        return instance
