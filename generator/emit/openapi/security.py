"""How callers prove who they are: a scheme of the contract as a Security Scheme Object."""

from __future__ import annotations

from typing import Any

from generator.model import Scheme

API_KEY_HEADER = "X-API-Key"


def security_scheme(scheme: Scheme, used: set[str]) -> dict[str, Any]:
    """The scheme with those of its scopes that are used."""
    scopes = {each.name: each.summary for each in scheme.scopes if each.name in used}
    flow = _flow(scheme, scopes) if scheme.kind == "oauth2" else None
    if flow is not None:
        data: dict[str, Any] = {"type": "oauth2", "flows": flow}
    elif scheme.kind == "openid" and scheme.issuer:
        data = {"type": "openIdConnect", "openIdConnectUrl": f"{scheme.issuer.rstrip('/')}/.well-known/openid-configuration"}
    elif scheme.kind == "api-key":
        data = {"type": "apiKey", "in": "header", "name": scheme.header or API_KEY_HEADER}
    elif scheme.kind == "mtls":
        data = {"type": "mutualTLS"}
    else:  # a token whose flow or issuer nobody has stated is still a bearer token
        data = {"type": "http", "scheme": "bearer"} | ({"bearerFormat": "JWT"} if scheme.kind == "jwt" else {})
    described = _described(scheme, {} if flow is not None else scopes)
    return data | ({"description": described} if described else {})


def _flow(scheme: Scheme, scopes: dict[str, str]) -> dict[str, Any] | None:
    if scheme.token_url is None:
        return None
    if scheme.authorization_url is None:
        return {"clientCredentials": {"tokenUrl": scheme.token_url, "scopes": scopes}}
    return {"authorizationCode": {"authorizationUrl": scheme.authorization_url, "tokenUrl": scheme.token_url, "scopes": scopes}}


def _described(scheme: Scheme, scopes: dict[str, str]) -> str:
    """What a caller needs to know and the Security Scheme Object has no field for."""
    facts = {
        "Issuer": scheme.issuer,
        "Audience": ", ".join(scheme.audiences),
        "Signing keys": scheme.jwks,
        "Lifetime": str(scheme.lifetime) if scheme.lifetime else None,
    }
    lines = [f"- {name}: {value}" for name, value in facts.items() if value]
    lines += [f"- Scope `{name}`: {summary}" for name, summary in scopes.items()]
    return "\n".join([*([scheme.summary, ""] if scheme.summary and lines else [scheme.summary or ""]), *lines]).strip()
