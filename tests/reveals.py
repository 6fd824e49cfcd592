"""What 【显示】 sends, with the reason that its form asks for."""

WHY = {"choice": "check", "words": ""}
REASON = "核对证件和填报内容"


def asks(what, **more):
    """The form's body for the value "kind:id"."""
    return {"what": what, **WHY, **more}
