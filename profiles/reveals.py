"""Which values of people may be shown in full on purpose (each time logged)."""

from profiles.models import Person, ReviewRequest


def load_person(actor, object_id):
    """`(whose, object)` of a person that the actor may see, or None."""
    person = Person.objects.visible_to(actor).filter(pk=object_id).first()
    return (person.name, person) if person else None


def load_request(actor, object_id):
    """`(whose, object)` of a request that was routed to the actor or is their own, or None."""
    requests = ReviewRequest.objects.select_related("person").filter(pk=object_id)
    request = requests.visible_to(actor).first() or requests.own(actor).first()
    return (request.person.name, request) if request else None


REVEALS = {
    "person-id-number": load_person,
    "person-mobile": load_person,
    "request-id-number": load_request,
    "request-mobile": load_request,
}
