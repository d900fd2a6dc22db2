"""A provider of identities for tests: OpenID Connect over HTTP, strict with its clients, and able to lie."""

import base64
import hmac
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from cli.listening import Listening

CLIENT, SECRET = "livelihood", "between:us/two +%"
TITLE = "Town Hall ID"


@dataclass
class TestProvider:
    """One that runs. Whoever comes to its page is `person`, at once and without a password."""

    __test__ = False

    url: str = ""
    #: The claims of who comes next.
    person: dict[str, Any] = field(default_factory=dict)
    #: Claims of every token that are to be other than they should.
    lies: dict[str, Any] = field(default_factory=dict)
    #: How tokens are signed: "right", "other key", "none", "by the public key".
    signs: str = "right"
    #: What a browser is sent back with in place of a code.
    breaks_off: str = ""
    has_end: bool = True
    key: RSAKey = field(default_factory=lambda: new_key("first"))
    #: Code -> what was asked for it.
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    #: What it refused, and why.
    refused: list[str] = field(default_factory=list)
    #: The last thing a browser asked for.
    asked: dict[str, str] = field(default_factory=dict)

    def turn_over(self) -> None:
        """Sign by another key from now on."""
        self.key = new_key("second")

    def about(self) -> dict[str, Any]:
        ends = {"end_session_endpoint": f"{self.url}/end"} if self.has_end else {}
        return {
            "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            # Some do name it.
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "code_challenge_methods_supported": ["S256"], **ends,
        }  # fmt: skip

    def authorize(self, query: dict[str, str], back: str) -> str:
        """Where a browser is sent, with a code."""
        self.asked = query
        wrong = [
            name
            for name, is_right in {
                "client_id": query.get("client_id") == CLIENT,
                "redirect_uri": query.get("redirect_uri") == back,
                "response_type": query.get("response_type") == "code",
                "scope": "openid" in query.get("scope", "").split(),
                "code_challenge_method": query.get("code_challenge_method") == "S256",
                "code_challenge": len(query.get("code_challenge", "")) == 43,
                "nonce": len(query.get("nonce", "")) >= 20,
                "state": len(query.get("state", "")) >= 20,
            }.items()
            if not is_right
        ]
        self.refused += wrong
        if wrong:
            return ""
        if self.breaks_off:
            return f"{back}?{urlencode({'error': self.breaks_off, 'state': query['state']})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{back}?{urlencode({'code': code, 'state': query['state'], 'iss': self.url})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """What a code is exchanged for, once; None where the client, the code or its verifier is wrong."""
        asked = self.codes.pop(form.get("code", ""), None)
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        proves = (unquote(name), unquote(secret)) == (CLIENT, SECRET)
        verifier = form.get("code_verifier", "")
        if not (
            asked
            and proves
            and create_s256_code_challenge(verifier) == asked["code_challenge"]
            and form.get("redirect_uri") == asked["redirect_uri"]
            and form.get("grant_type") == "authorization_code"
        ):
            self.refused.append("token")
            return None
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"],
            "sub": "1", **self.person, **self.lies,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        return {"access_token": "a-token", "token_type": "Bearer", "id_token": self._signed(claims)}

    def _signed(self, claims: dict[str, Any]) -> str:
        match self.signs:
            case "none":
                parts = [{"alg": "none"}, claims]
                return ".".join([*(base64url(json.dumps(part).encode()) for part in parts), ""])
            case "by the public key":
                head = base64url(json.dumps({"alg": "HS256", "kid": self.key.kid}).encode())
                signed = f"{head}.{base64url(json.dumps(claims).encode())}"
                mac = hmac.digest(self.key.as_pem(private=False), signed.encode(), "sha256")
                return f"{signed}.{base64url(mac)}"
            case "other key":
                other = RSAKey.generate_key(2048, {"kid": self.key.kid}, auto_kid=False)
                return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, other)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"}, auto_kid=False)


def base64url(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def application(provider: TestProvider) -> FastAPI:
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    def about() -> dict[str, Any]:
        return provider.about()

    @app.get("/keys")
    def keys() -> dict[str, Any]:
        return dict(KeySet([provider.key]).as_dict(private=False))

    @app.get("/authorize")
    def authorize(request: Request) -> Response:
        query = dict(request.query_params)
        url = provider.authorize(query, query.get("redirect_uri", ""))
        return RedirectResponse(url, 303) if url else Response("refused", 400)

    @app.post("/token")
    async def token(request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        found = provider.token(form, request.headers.get("authorization", ""))
        return JSONResponse(found or {"error": "invalid_grant"}, 200 if found else 400)

    @app.get("/end")
    def end(request: Request) -> Response:
        back = request.query_params["post_logout_redirect_uri"]
        assert urlsplit(back).path == "/sign-in"
        return RedirectResponse(back, 303)

    return app


@pytest.fixture
def provider() -> Iterator[TestProvider]:
    with Listening("127.0.0.1:0") as listening:
        made = TestProvider(url=listening.url)
        listening.start(application(made), lambda: None)
        yield made
