"""A provider of identities: people sign in by OpenID Connect, with the account their organisation gave them.

The authorization code flow with PKCE. authlib makes the requests and checks the claims, joserfc the
signature. What is asked of it is what nobody else may decide: that the provider is the one configured, that
the token is for us, for this very sign-in, and signed by a key of the provider's.
"""

import time
from collections.abc import Mapping
from threading import Lock
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import httpx
from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from authlib.oauth2.client import OAuth2Client  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from livelihood.fields import Code
from livelihood.ports import Unavailable
from web.accounts import Role
from web.guards import is_loopback_name

#: Where a provider sends people back to.
CALLBACK = "/sign-in/provider/callback"
#: Signatures that only the provider can make; none by a secret that we have too, and never none at all.
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
)
#: How long what a provider says of itself, and its keys, are taken to hold.
KNOWN_SECONDS = 3_600.0
#: A key that is not known is asked for at most this often.
KEYS_SECONDS = 30.0
#: How long a provider may take to answer, and by how much its clock may differ.
ANSWER_SECONDS, LEEWAY_SECONDS = 10.0, 60


class ProviderSettings(BaseModel):
    """What is configured of a provider; docs/sign-in.md has it as a table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")]
    """The provider's issuer, as it names itself."""
    client: Annotated[str, StringConstraints(min_length=1)]
    """The client id that the provider knows this server by."""
    secret: str = Field("", repr=False)
    """The client's secret; empty: a public client, which has none."""
    title: str = ""
    """What people call the provider."""
    scopes: str = "openid profile"
    """What is asked for."""
    name_claim: str = "preferred_username"
    """The claim an account's name is taken from, when somebody comes for the first time."""
    role_claim: str = "groups"
    """The claim that says who may do what; dots lead into it, as realm_access.roles."""
    roles: dict[str, Role] = {}
    """A value of that claim -> the role; of several the one that stands first here."""
    role: Role | None = None
    """The role of whoever has none of these; none: they are not let in."""
    department_claim: str = ""
    """The claim that says whose departments; empty: a role of departments has all of them."""
    departments: dict[str, Code] = {}
    """A value of that claim -> the department's code; empty: the values are codes themselves."""
    channel: Code = "window"
    """The channel that events come by."""

    @field_validator("issuer")
    @classmethod
    def _is_encrypted(cls, issuer: str) -> str:
        parts = urlsplit(issuer)
        if parts.scheme != "https" and not is_loopback_name(parts.hostname or ""):
            raise ValueError("must begin with https: whoever is between could sign in as anybody")
        return issuer


class NotSignedIn(Exception):
    """The provider's answer does not prove who this is; the message is for the operator's log."""


class Begun(NamedTuple):
    """What a sign-in is recognised by when the person comes back."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """One provider. Threads may share it; every call may ask the provider, and so blocks."""

    def __init__(self, settings: ProviderSettings, public_url: str) -> None:
        self.settings = settings
        #: What links to this server begin with.
        self.site = public_url
        self._lock = Lock()
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def address(self, begun: Begun) -> str:
        """Where a browser goes to sign in. Unavailable where the provider does not answer."""
        url, _ = self._client(None).create_authorization_url(
            self._endpoint("authorization_endpoint"),
            state=begun.state,
            nonce=begun.nonce,
            code_verifier=begun.verifier,
        )
        return str(url)

    def claims(self, code: str, begun: Begun) -> Mapping[str, Any]:
        """Who a code stands for. NotSignedIn where it proves nothing; Unavailable as `address`."""
        settings = self.settings
        # A public client names itself in the form, another one proves itself.
        own = {} if settings.secret else {"client_id": settings.client}
        auth = httpx.BasicAuth(quote(settings.client, safe=""), quote(settings.secret, safe=""))
        try:
            with httpx.Client(timeout=ANSWER_SECONDS) as http:
                token = self._client(http).fetch_token(
                    self._endpoint("token_endpoint"),
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=begun.verifier,
                    auth=auth if settings.secret else httpx.Auth(),
                    **own,
                )
        except OAuth2Error as error:
            raise NotSignedIn(f"the code was not taken: {error.error}") from None
        except (httpx.HTTPError, ValueError) as error:
            raise self._away(error) from None
        if not isinstance(token.get("id_token"), str):
            raise NotSignedIn("there is no id_token in the answer")
        return self._checked(token["id_token"], token.get("access_token", ""), begun.nonce)

    def end_address(self, back: str) -> str:
        """Where a browser signs out at the provider too; empty where that is not offered."""
        try:
            address = self._about().get("end_session_endpoint", "")
        except Unavailable:
            return ""
        if not address:
            return ""
        query = urlencode({"client_id": self.settings.client, "post_logout_redirect_uri": back})
        return f"{address}{'&' if '?' in address else '?'}{query}"

    def _checked(self, id_token: str, access_token: str, nonce: str) -> Mapping[str, Any]:
        settings = self.settings
        try:
            decoded = self._decoded(id_token)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "values": [settings.issuer]},
                    "aud": {"essential": True, "values": [settings.client]},
                    "sub": {"essential": True},
                    "nonce": {"essential": True, "values": [nonce]},
                },
                {"client_id": settings.client, "access_token": access_token},
            )
            claims.validate(leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError) as error:
            # Its text may quote the token, which says who this is.
            raise NotSignedIn(f"the id_token does not hold: {type(error).__name__}") from None
        return dict(claims)

    def _decoded(self, id_token: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        keys = self._key_set()
        try:
            return jwt.decode(id_token, keys, ALGORITHMS, registry)
        except (JoseError, ValueError):
            # Providers change their keys.
            newer = self._key_set(KEYS_SECONDS)
            if newer is keys:
                raise
            return jwt.decode(id_token, newer, ALGORITHMS, registry)

    def _client(self, http: httpx.Client | None) -> OAuth2Client:
        settings = self.settings
        return OAuth2Client(
            http,
            client_id=settings.client,
            scope=settings.scopes,
            redirect_uri=f"{self.site}{CALLBACK}",
            code_challenge_method="S256",
        )

    def _endpoint(self, name: str) -> str:
        endpoint = self._about().get(name)
        if not isinstance(endpoint, str):
            raise Unavailable(f"the provider {self.settings.issuer} names no {name}")
        return endpoint

    def _about(self) -> dict[str, Any]:
        """What the provider says of itself."""
        with self._lock:
            if self._metadata is None or time.monotonic() - self._metadata[0] > KNOWN_SECONDS:
                found = self._get(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
                if found.get("issuer") != self.settings.issuer:
                    raise Unavailable(
                        f"the provider at {self.settings.issuer} calls itself {found.get('issuer')!r}; set"
                        " `oidc_issuer` to what it calls itself, if it is the right one"
                    )
                self._metadata = time.monotonic(), found
            return self._metadata[1]

    def _key_set(self, seconds: float = KNOWN_SECONDS) -> KeySet:
        """The provider's keys, as they were that long ago or later."""
        address = self._endpoint("jwks_uri")
        with self._lock:
            if self._keys is None or time.monotonic() - self._keys[0] > seconds:
                found = self._get(address)
                try:
                    self._keys = time.monotonic(), KeySet.import_key_set(found)  # type: ignore[arg-type]
                except (JoseError, KeyError, TypeError, ValueError) as error:
                    raise self._away(error) from None
            return self._keys[1]

    def _get(self, address: str) -> dict[str, Any]:
        try:
            answer = httpx.get(address, timeout=ANSWER_SECONDS)
            answer.raise_for_status()
            document = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise self._away(error) from None
        if not isinstance(document, dict):
            raise self._away(TypeError("no object"))
        return document

    def _away(self, error: Exception) -> Unavailable:
        return Unavailable(f"the provider {self.settings.issuer} does not answer: {type(error).__name__}")
