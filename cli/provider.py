"""The provider of identities that the settings name, as one thing."""

from pydantic import ValidationError

from cli.failures import USAGE, Failure
from cli.settings import Settings
from web.provider import ProviderSettings

#: Settings of their own, because they are secret or name the provider.
_OWN = ("issuer", "client", "secret")


def provider_settings_of(settings: Settings) -> ProviderSettings | None:
    """What is set of it; None where there is none. Failure names the setting that is wrong."""
    if not settings.oidc_issuer:
        return None
    own = {name: getattr(settings, f"oidc_{name}") for name in _OWN}
    try:
        return ProviderSettings(**{**settings.oidc, **own})
    except ValidationError as error:
        # What it was set to may be a secret.
        detail = error.errors(include_url=False, include_input=False)[0]
        first, *rest = map(str, detail["loc"])
        name = f"oidc_{first}" if first in _OWN else ".".join(["oidc", first, *rest])
        raise Failure(f"The setting `{name}`: {detail['msg']}.", USAGE) from None
