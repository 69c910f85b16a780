"""The wallet's part of setup: kept by default, made when there is none, replaced only when asked twice."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import HarnessError
from harness.halo import wallet
from harness.halo.found import Found
from harness.halo.passphrases import VARIABLE
from harness.halo.private import create_private
from harness.halo.wishes import Asker, Wishes
from harness.protocol.addresses import Address, to_address

_TRADE_OFF = (
    "unattended mode: the keystore has no passphrase, so anyone with access to your user account on this "
    "machine can spend from it. To hold much, switch to a passphrase later: halo setup --rotate-wallet"
)


@dataclass
class Identity:
    """The wallet after setup. `passphrase` is None when nothing needed it; secrets stay out of repr."""

    address: Address
    unattended: bool
    passphrase: str | None = field(default=None, repr=False)
    former_passphrase: str | None = field(default=None, repr=False)
    notes: list[str] = field(default_factory=list)


class WalletWork:
    """Decides from what is found and wished; `do` writes."""

    def __init__(
        self, found: Found, wishes: Wishes, ask: Asker, environ: Mapping[str, str]
    ) -> None:
        self._found = found
        self._wishes = wishes
        self._ask = ask
        self._environ = environ
        if wishes.rotate and found.config is None and found.keystore is None:
            raise HarnessError(
                "there is no wallet to rotate; run halo setup without --rotate-wallet"
            )
        if found.keystore is None and found.config is not None and not wishes.rotate:
            raise HarnessError(
                f"keystore not found: {found.path}; restore your backup of it, or start over with a new "
                "identity: halo setup --rotate-wallet"
            )

    def intention(self) -> str:
        """What `do` would do, as a line."""
        found = self._found
        if self._wishes.rotate:
            return f"would replace the wallet {self._old_address()} and keep its keystore under another name"
        if found.keystore is None:
            verb = "import" if self._wishes.wallet_mode == "import" else "make"
            return f"would {verb} a wallet in {found.path}"
        return f"would keep the wallet {found.keystore.address}"

    def do(self, needs_passphrase: bool) -> Identity:
        """Write what is to be written; the passphrase is asked for when the caller needs it."""
        if self._wishes.rotate:
            return self._rotate()
        if self._found.keystore is None:
            return self._create()
        return self._keep(self._found.keystore, needs_passphrase)

    def _keep(self, keystore: wallet.Keystore, needs_passphrase: bool) -> Identity:
        found, config = self._found, self._found.config
        notes = []
        if found.orphaned:
            notes.append(
                f"found the wallet of a setup that did not finish; it is kept: {keystore.address}"
            )
        elif found.interrupted is not None:
            notes.append(
                f"a rotation did not finish: {keystore.address} is the wallet now, the former keystore is "
                f"{found.interrupted}"
            )
        else:
            notes.append(f"the wallet is kept: {keystore.address}")
        settled = config is not None and found.interrupted is None
        if settled and config is not None and config.operator.no_passphrase:
            unattended = True
        elif settled and not self._wishes.unattended:
            unattended = False
        else:
            unattended = keystore.opens_without_passphrase
        if self._wishes.unattended and not unattended:
            notes.append(
                "the wallet keeps its passphrase: --no-wallet-passphrase is for new wallets. "
                f"Starts without a terminal need {VARIABLE}"
            )
        identity = Identity(keystore.address, unattended, "" if unattended else None, notes=notes)
        if needs_passphrase and not unattended:
            identity.passphrase = self._present_passphrase(keystore)
        return identity

    def _create(self) -> Identity:
        key, imported = self._key()
        passphrase = self._new_passphrase()
        made = wallet.create(self._found.path, passphrase, key)
        notes = [f"a wallet was {'imported' if imported else 'made'}: {made.address}"]
        return self._told(made, passphrase, key, imported, notes)

    def _rotate(self) -> Identity:
        old = self._old_address()
        self._confirm(old)
        keystore = self._found.keystore
        former = None
        config = self._found.config
        if keystore is not None and config is not None and not config.operator.no_passphrase:
            if any(
                p.api_key is not None and not isinstance(p.api_key, str) for p in config.providers
            ):
                former = self._present_passphrase(keystore)
        key, imported = self._key()
        passphrase = self._new_passphrase()
        if keystore is None:
            made = wallet.create(self._found.path, passphrase, key)
            kept: Path | None = None
        else:
            made, kept = wallet.rotate(self._found.path, passphrase, key)
        notes = [f"the wallet is {made.address}, it was {old}"]
        if kept is not None:
            notes.append(f"the former keystore is kept: {kept}")
        notes.append(
            f"points, pairings, dollars and vault balance stay with {old}; move what you need with its keystore"
        )
        identity = self._told(made, passphrase, key, imported, notes)
        identity.former_passphrase = former
        return identity

    def _told(
        self, made: wallet.Keystore, passphrase: str, key: bytes, imported: bool, notes: list[str]
    ) -> Identity:
        notes.append(f"keystore: {made.path} (0600)")
        if not passphrase:
            notes.append(_TRADE_OFF)
        if not imported and self._backup() == "file":
            backup = made.path.with_name(f"backup-{made.address}.key")
            create_private(backup, "0x" + key.hex() + "\n")
            notes.append(
                f"the private key is in {backup}, readable to whoever has the file: move it off this "
                "machine, then delete it"
            )
        return Identity(made.address, not passphrase, passphrase, notes=notes)

    # -- questions -------------------------------------------------------------------------------

    def _old_address(self) -> Address:
        found = self._found
        if found.keystore is not None:
            return found.keystore.address
        assert found.config is not None
        return found.config.operator.address

    def _confirm(self, old: Address) -> None:
        given = self._wishes.confirm
        if given is not None:
            try:
                same = to_address(given) == old
            except ValueError:
                same = False
            if not same:
                raise HarnessError(f"--confirm must repeat the address that is given up: {old}")
        elif not self._ask.interactive:
            raise HarnessError(
                f"replacing the wallet {old} cannot be undone without its keystore; "
                f"to do it without a terminal add: --confirm {old}"
            )
        elif not self._ask.rotation(old):
            raise HarnessError("not confirmed; the wallet is as it was")

    def _key(self) -> tuple[bytes, bool]:
        mode = self._wishes.wallet_mode
        if mode is None:
            asked = (
                self._ask.interactive and not self._wishes.unattended and not self._wishes.driven
            )
            mode = self._ask.wallet_mode() if asked else "generate"
        if mode == "import":
            return self._ask.private_key(), True
        return secrets.token_bytes(32), False

    def _backup(self) -> str:
        if self._wishes.key_backup is not None:
            return self._wishes.key_backup
        asked = self._ask.interactive and not self._wishes.unattended and not self._wishes.driven
        return self._ask.key_backup() if asked else "skip"

    def _new_passphrase(self) -> str:
        if self._wishes.unattended:
            return ""
        found = self._environ.get(VARIABLE)
        if found is None:
            return self._ask.new_passphrase()
        if (weak := wallet.weakness(found)) is not None:
            raise HarnessError(f"the passphrase in {VARIABLE} is {weak}")
        return found

    def _present_passphrase(self, keystore: wallet.Keystore) -> str:
        """Proved by opening the wallet, so that nothing is encrypted under a mistyped word."""
        found = self._environ.get(VARIABLE)
        passphrase = found if found is not None else self._ask.passphrase()
        keystore.unlock(passphrase)
        return passphrase
