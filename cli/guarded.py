"""Whether a server lets in whoever reaches it: on this machine alone, and before the first key or account."""

from livelihood.safekeeping import ACCOUNTS, CHANNEL_KEYS, Vault

#: What who takes the last key or account away is told.
OPEN_AGAIN = (
    "No key and no account is left. A server that runs lets nobody in; started again, it is open to whoever"
    " uses this machine."
)


def is_guarded(vault: Vault) -> bool:
    """Whether there is a key or an account, so that nobody without one gets in."""
    return any(next(vault.items(drawer), None) is not None for drawer in (CHANNEL_KEYS, ACCOUNTS))


class Opened:
    """Whether a server is open. Once there was a key or an account it stays closed for as long as it runs.

    Whoever takes back a key that was stolen, the only one, must not open the server to everybody by that.
    """

    def __init__(self, vault: Vault, *, is_local: bool) -> None:
        self._vault = vault
        self._closed = not is_local

    def __call__(self) -> bool:
        """Whether anybody may do everything; looks into the vault while it is so."""
        self._closed = self._closed or is_guarded(self._vault)
        return not self._closed
