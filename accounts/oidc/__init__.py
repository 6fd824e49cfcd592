"""Login through 渝快办: OpenID Connect, authorization code flow with PKCE, two entrances.

`client` talks to the provider within hard limits, `tokens` checks what it signs, `claims` knows its names for things,
`backend` puts these into mozilla-django-oidc, `views` are the two pages of each entrance.
"""
