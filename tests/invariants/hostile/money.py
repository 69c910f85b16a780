"""Moves of codes, credits, sessions, the vault, x402 and the treasury."""

from __future__ import annotations

from random import Random

from eth_utils.crypto import keccak

from tests.contracts.credits.gate import Gate
from tests.contracts.payments.rail import Rail
from tests.contracts.signing import nonce
from tests.invariants.hostile.moves import AMOUNTS, Move, Scene

HOUR = 3_600
FOREVER = 2**40


def invite(scene: Scene, dice: Random) -> Move | None:
    opened = [code for code in scene.codes[-12:] if _invite(scene, code)[3] == 0]
    if not opened or dice.random() < 0.4:
        code = f"code-{scene.number()}"
        scene.codes.append(code)
        args = (keccak(text=code), dice.choice(AMOUNTS), HOUR)
        return Move("invite", "invite", "createInvite", args, dice.choice(scene.actors))
    code = dice.choice(opened)
    end = ("invite", code)
    if scene.now > _invite(scene, code)[2]:
        args = (keccak(text=code),)
        return Move("invite", "invite", "reclaimInvite", args, dice.choice(scene.actors), end)
    return Move("invite", "invite", "acceptInvite", (code,), dice.choice(scene.actors), end)


def _invite(scene: Scene, code: str) -> tuple[bytes, int, int, int]:
    """Funder, amount, expiry, status; status 9 for one that was never made."""
    try:
        found: tuple[bytes, int, int, int] = scene.ask("invite", "getInvite", keccak(text=code))
    except Exception:
        return b"", 0, 0, 9
    return found


def redeem(scene: Scene, dice: Random) -> Move | None:
    if not scene.redeemable or dice.random() < 0.4:
        code = f"redeem-{scene.number()}"
        scene.redeemable.append(code)
        args = ([keccak(text=code)], dice.choice(AMOUNTS))
        return Move("redeem", "redeem", "addRedeemCodes", args, scene.economy.owner.address)
    code = scene.redeemable.pop(dice.randrange(len(scene.redeemable)))
    end = ("redeem", code)
    return Move("redeem", "redeem", "redeem", (code,), dice.choice(scene.actors), end)


def meter(scene: Scene, dice: Random) -> Move | None:
    economy, who = scene.economy, dice.choice(scene.actors)
    credits = scene.ask("credit_meter", "creditOf", who)
    free = scene.ask("credit_meter", "withdrawableOf", who)
    action = dice.randint(0, 7)
    if action == 0 and credits:
        once = ("ref", number := scene.number())
        args = (who, max(1, credits // 3), nonce(number))
        return Move("meter", "credit_meter", "meterRef", args, economy.meter_key.address, once)
    if action == 1 and credits:
        return Move("meter", "credit_meter", "meter", (who, credits), economy.meter_key.address)
    if action == 2 and free:
        return Move("meter", "credit_meter", "withdrawCredits", (dice.choice((1, free)),), who)
    if action == 3 and scene.receipts:
        receipt = dice.choice(scene.receipts)
        scene.receipts.remove(receipt)
        once = ("claw", receipt)
        caller = economy.clawbacker.address
        return Move("meter", "mint_gate", "clawbackFiatMint", (receipt,), caller, once)
    if action in (4, 5):
        name = f"fiat-{scene.number()}"
        signed = Gate(economy).signed(name, dice.choice(AMOUNTS), who)
        scene.receipts.append(signed[2])
        return Move("meter", "mint_gate", "mintFromFiat", signed, who, ("mint", signed[2]))
    return Move("meter", "credit_meter", "depositCredits", (dice.choice(AMOUNTS),), who)


def session(scene: Scene, dice: Random) -> Move | None:
    who, economy = dice.choice(scene.actors), scene.economy
    expiry = scene.ask("session", "sessionExpiryOf", who)
    if scene.ask("session", "sessionPrice") > 1_000:
        return Move("session", "session", "setSessionPrice", (777,), economy.owner.address)
    if expiry > scene.now + 29 * 86_400 or dice.random() < 0.3:
        return Move(
            "session", "session", "setSessionPrice", (dice.choice((0, 10)),), economy.owner.address
        )
    name = "openSession" if expiry < scene.now else "extendSession"
    return Move("session", "session", name, (), who)


def vault(scene: Scene, dice: Random) -> Move | None:
    economy, tab = scene.economy, scene.tab
    who, operator = dice.choice(scene.actors), dice.choice(scene.actors)
    relayer = dice.choice(scene.actors)
    balance = scene.ask("vault", "balance", who)
    if scene.ask("vault_admin", "paused"):
        return Move("vault", "vault_admin", "setPaused", (False,), economy.guardian.address)
    scene.consumers.add(who)
    if balance == 0 or dice.random() < 0.2:
        amount = dice.choice(AMOUNTS)
        if dice.random() < 0.3 and who in scene.people:
            key = next(key for key in economy.keys.values() if key.address == who)
            number = scene.number()
            args = tab.authorization(amount, salt=number, payer=key)
            once = ("authorization", who, number)
            return Move("vault", "vault", "depositWithAuthorization", args, relayer, once)
        if dice.random() < 0.3 and balance:
            return Move("vault", "vault", "depositFor", (who, amount), relayer)
        return Move("vault", "vault", "deposit", (amount, tab.key.address), who)
    mine = sorted(pair for pair in scene.pairs if pair[0] == who)
    free = scene.ask("vault", "withdrawable", who)
    if mine and dice.random() < 0.55:
        operator = dice.choice(mine)[1]
        locked, redeemed, expiry, _, cycle = scene.ask("vault", "ops", who, operator)
        if locked and scene.now > expiry + 86_400:
            return Move("vault", "vault", "releaseExpired", (who, operator), relayer)
        if locked and dice.random() < 0.8:
            cumulative = redeemed + dice.randint(1, locked)
            signature = tab.receipt(cumulative, consumer=who, operator=operator, cycle=cycle)
            args = (who, operator, cumulative, signature)
            once = ("receipt", who, operator, cycle, cumulative)
            return Move("vault", "vault", "redeem", args, relayer, once)
        if locked:
            args = (who, dice.randint(1, locked))
            return Move("vault", "vault", "releaseByOperator", args, operator)
    requested = scene.ask("vault", "withdrawRequestedAt", who)
    authorized = scene.ask("vault", "withdrawAuthorized", who)
    if requested and authorized and scene.now >= requested + 2 * 86_400:
        amount = dice.randint(1, authorized)
        return Move("vault", "vault", "withdraw(uint256,address)", (amount, operator), who)
    if scene.ask("vault_admin", "feesAccrued") and dice.random() < 0.3:
        return Move("vault", "vault_admin", "collectFees", (), relayer)
    if free and dice.random() < 0.25:
        return Move("vault", "vault", "requestWithdraw", (), who)
    if dice.random() < 0.02:
        return Move("vault", "vault_admin", "setPaused", (True,), economy.guardian.address)
    if not free:
        return None
    scene.pairs.add((who, operator))
    number = scene.ask("vault", "reserveNonce", who)
    expiry = scene.now + dice.choice((60, HOUR))
    args = tab.reservation(dice.randint(1, free), expiry, number, consumer=who, operator=operator)
    return Move("vault", "vault", "reserve", args, relayer, ("reserve", who, number))


def x402(scene: Scene, dice: Random) -> Move | None:
    economy, rail = scene.economy, Rail(scene.economy)
    payer = dice.choice(list(economy.keys.values()))
    number, value, to = scene.number(), dice.choice(AMOUNTS), dice.choice(scene.actors)
    auth = rail.auth(number, value, sender=payer.address, to=to)
    once = ("x402", payer.address, number)
    relayer = dice.choice(scene.actors)
    if dice.random() < 0.2:
        args = (economy.usd.address, *auth, 27, nonce(1), nonce(2))
        return Move("x402", "x402", "settle3009", args, relayer)
    signature = rail.sign(auth, payer)
    if dice.random() < 0.3:
        args = (auth.sender, auth.to, value, value // 2, *auth[3:], signature)
        return Move("x402", "x402", "settleUpto", args, to, once)
    return Move("x402", "x402", "settle", (*auth, signature), relayer, once)


def treasury(scene: Scene, dice: Random) -> Move | None:
    economy = scene.economy
    token = dice.choice(economy.tokens)
    owed = [who for who in scene.actors if scene.ask("treasury", "owedOf", token.address, who)]
    if owed and dice.random() < 0.7:
        args = (token.address, dice.choice(scene.actors))
        return Move("treasury", "treasury", "claimOwedTo", args, dice.choice(owed))
    held = scene.ask("treasury", "bucketOf", token.address, 1)
    if held and dice.random() < 0.6:
        args = (token.address, dice.choice(scene.actors), dice.choice((1, held)))
        return Move("treasury", "treasury", "withdrawTreasuryOf", args, economy.owner.address)
    return Move("treasury", "treasury", "skim", (token.address,), dice.choice(scene.actors))
