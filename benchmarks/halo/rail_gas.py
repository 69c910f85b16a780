"""Gas of one paid request on the vault rail, by how many requests a redeemed receipt stands for."""

from __future__ import annotations

from harness.chain.journal import MemoryJournal
from harness.chain.outbox import Outbox
from harness.devnet.world import DOLLARS, GAS_MONEY, dev_key, genesis
from harness.diamond.tokens import FwUsd
from harness.diamond.vault import Vault
from harness.protocol.authorization import TRANSFER, sign
from harness.protocol.vault import Receipt, Reservation

COUNTS = (1, 10, 100, 1_000)
PRICE = 1_000


def main() -> str:
    chain, world = genesis().start()
    consumer, operator, carrier = (
        dev_key(name) for name in ("consumer", "operator", "facilitator")
    )
    for key in (consumer, operator, carrier):
        chain.set_balance(key.address, GAS_MONEY)
    outboxes = {key.address: Outbox(chain, key, MemoryJournal()) for key in (consumer, carrier)}
    owner = Outbox(chain, dev_key("owner"), MemoryJournal())
    dollar = FwUsd(chain, world.dollar, owner)
    dollar.mint(consumer.address, DOLLARS)
    FwUsd(chain, world.dollar, outboxes[consumer.address]).approve(world.diamond, DOLLARS)
    Vault(chain, world.diamond, outboxes[consumer.address]).deposit(DOLLARS // 2, consumer.address)
    vault = Vault(chain, world.diamond, outboxes[carrier.address])
    separator = vault.vault_domain_separator()
    signed = sign(
        consumer, TRANSFER, dollar.domain.separator, payee=operator.address, value=PRICE,
        valid_before=chain.block().timestamp + 600,
    )  # fmt: skip
    FwUsd(chain, world.dollar, outboxes[carrier.address]).transfer_with_authorization(signed)
    exact = chain.block().gas_used
    cumulative = 0
    lines = [f"{'requests a redeem':<24}{'gas a request':>14}{'of exact':>10}"]
    for count in COUNTS:
        expiry = chain.block().timestamp + 3_600
        nonce, epoch = vault.reserve_nonce(consumer.address), vault.key_epoch(consumer.address)
        reservation = Reservation(
            consumer.address, operator.address, count * PRICE, expiry, nonce, epoch
        )
        vault.reserve(reservation, reservation.sign(consumer, separator))
        gas = chain.block().gas_used
        cycle = vault.ops(consumer.address, operator.address).cycle
        cumulative += count * PRICE
        vault.redeem(
            Receipt(consumer.address, operator.address, cumulative, epoch, cycle).sign(
                consumer, separator
            )
        )
        gas += chain.block().gas_used
        lines.append(f"{count:<24,}{gas / count:>14,.0f}{gas / count / exact:>10.2f}")
    lines.append(f"{'exact, one transfer each':<24}{exact:>14,}{1:>10.2f}")
    return "\n".join(lines)
