"""How site and stand-in know each other in development. Plain data: settings read it before anything is set up."""

OIDC_PORT = 9400

OIDC_CLIENT_DEFAULTS = {
    "OIDC_LEGAL_CLIENT_ID": "zhgg-legal",
    "OIDC_LEGAL_CLIENT_SECRET": "development-only-legal",
    "OIDC_PERSON_CLIENT_ID": "zhgg-person",
    "OIDC_PERSON_CLIENT_SECRET": "development-only-person",
}
