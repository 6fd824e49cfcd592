"""Each answer says what its page may load, put together by django-csp."""

from csp.constants import SELF
from csp.decorators import csp_exempt, csp_replace
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

from zhgg.kit.middleware import PolicyMiddleware

POLICY = "Content-Security-Policy"


def answer(view):
    """What `view` answers behind the middleware."""
    return PolicyMiddleware(view)(RequestFactory().get("/"))


def page(request):
    return HttpResponse("a page")


def directives(response):
    return dict(part.split(" ", 1) for part in response.headers[POLICY].split("; "))


def test_the_policy_is_that_of_the_settings():
    given = {name: " ".join(values) for name, values in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()}
    assert directives(answer(page)) == given
    assert len(given) == 10


def test_an_answer_may_bring_its_own_policy():
    assert directives(answer(csp_replace({"img-src": [SELF, "data:"]})(page)))["img-src"] == "'self' data:"
    assert directives(answer(page))["img-src"] == "'self'"
    assert POLICY not in answer(csp_exempt()(page))
    assert answer(lambda request: HttpResponse(headers={POLICY: "sandbox"})).headers[POLICY] == "sandbox"
