"""Which values of people may be shown in full on purpose (each time logged)."""

from accounts.reveal import Found
from profiles.models import Person, ReviewRequest


def load_person(actor, object_id):
    """A person that the actor may see, or None."""
    person = Person.objects.visible_to(actor).filter(pk=object_id).first()
    return Found(person.name, person, person.pk == actor.user_id) if person else None


def load_request(actor, object_id):
    """A request that was routed to the actor or is their own, or None."""
    requests = ReviewRequest.objects.select_related("person").filter(pk=object_id)
    request = requests.visible_to(actor).first() or requests.own(actor).first()
    return Found(request.person.name, request, request.person_id == actor.user_id) if request else None


REVEALS = {
    "person-id-number": ("证件号码", load_person),
    "person-mobile": ("手机号码", load_person),
    "request-id-number": ("证件号码", load_request),
    "request-mobile": ("手机号码", load_request),
}
