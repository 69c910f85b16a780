"""Linked devices, of accounts and of identities, and the attacks on them."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Receipt, reverts
from tests.contracts.economy import ZERO, Economy
from tests.contracts.signing import Key, link_digest, separator

MAX_DEVICES = 32
WEEK = 7 * 86_400


class Desk:
    """Alice holds identity 1 and links; `phone` and `laptop` are devices with keys."""

    def __init__(self, economy: Economy) -> None:
        self.economy, self.facet = economy, economy.devices
        self.alice, self.bob = economy.address("alice"), economy.address("bob")
        self.phone, self.laptop = Key.named("phone"), Key.named("laptop")
        self.identity = economy.register("alice", "alice")

    def send(self, name: str, *args: object, sender: bytes | None = None) -> Receipt:
        return self.facet.send(name, *args, sender=sender or self.alice)

    def consent(self, device: Key, deadline: int, identity: bytes | None = None) -> bytes:
        chain, diamond = self.economy.evm.chain_id, self.economy.diamond
        domain = separator("facetworks-device", "1", chain, diamond)
        digest = link_digest(domain, identity or self.alice, device.address, deadline)
        return device.sign(digest)

    def of(self, account: bytes | None = None) -> list[bytes]:
        return list(self.facet.call("devicesOf", account or self.alice))

    def linked(self, device: bytes) -> tuple[bool, bool]:
        args = (self.alice, device)
        linked = self.facet.call("isDeviceLinked", *args)
        return linked, self.facet.call("isDeviceConfirmed", *args)

    def of_identity(self) -> list[bytes]:
        return list(self.facet.call("identityDevicesOf", self.identity))


@pytest.fixture
def desk(economy: Economy) -> Desk:
    return Desk(economy)


def numbered(n: int) -> bytes:
    return (n + 1).to_bytes(20, "big")


def test_linking_and_unlinking(desk: Desk) -> None:
    phone = desk.phone.address
    receipt = desk.send("linkDevice", phone)
    assert receipt.only("DeviceLinked") == {
        "identity": desk.alice,
        "device": phone,
        "confirmed": False,
    }
    assert (desk.of(), desk.linked(phone), desk.of(desk.bob)) == ([phone], (True, False), [])
    assert desk.send("linkDevice", phone).events == []  # nothing new, nothing said
    receipt = desk.send("unlinkDevice", phone)
    assert receipt.only("DeviceUnlinked") == {"identity": desk.alice, "device": phone}
    assert (desk.of(), desk.linked(phone)) == ([], (False, False))
    assert desk.send("unlinkDevice", phone).events == []
    with reverts("ZeroDevice"):
        desk.send("linkDevice", ZERO)
    assert desk.send("unlinkDevice", ZERO).events == []


def test_a_device_confirms(desk: Desk) -> None:
    now, phone = desk.economy.now, desk.phone
    sig = desk.consent(phone, now)
    receipt = desk.send("linkDeviceSigned", phone.address, now, sig)
    assert receipt.only("DeviceLinked") == {
        "identity": desk.alice,
        "device": phone.address,
        "confirmed": True,
    }
    assert (desk.of(), desk.linked(phone.address)) == ([phone.address], (True, True))
    assert desk.send("linkDeviceSigned", phone.address, now, sig).events == []
    assert desk.send("linkDevice", phone.address).events == []
    assert desk.linked(phone.address) == (True, True)  # a plain link takes nothing back
    desk.send("linkDevice", desk.laptop.address)
    sig = desk.consent(desk.laptop, now)
    desk.send("linkDeviceSigned", desk.laptop.address, now, sig).only("DeviceLinked")
    assert desk.of() == [phone.address, desk.laptop.address]
    desk.send("unlinkDevice", phone.address)
    desk.send("linkDevice", phone.address)
    assert desk.linked(phone.address) == (True, False)  # the confirmation went with the link


@pytest.mark.parametrize(("late", "error"), [(-1, None), (0, None), (1, "AuthExpired")])
def test_consent_is_good_until_its_deadline(desk: Desk, late: int, error: str | None) -> None:
    deadline = desk.economy.now + WEEK
    sig = desk.consent(desk.phone, deadline)
    desk.economy.later(WEEK + late)
    if error is None:
        desk.send("linkDeviceSigned", desk.phone.address, deadline, sig)
    else:
        with reverts(error):
            desk.send("linkDeviceSigned", desk.phone.address, deadline, sig)


def test_signed_refusals_in_order(desk: Desk) -> None:
    past, now = desk.economy.now - 1, desk.economy.now
    with reverts("ZeroDevice"):
        desk.send("linkDeviceSigned", ZERO, past, b"")
    with reverts("AuthExpired"):
        desk.send("linkDeviceSigned", desk.phone.address, past, b"")
    for n in range(MAX_DEVICES):
        desk.send("linkDevice", numbered(n))
    with reverts("BadSignature"):
        desk.send("linkDeviceSigned", desk.phone.address, now, b"")
    with reverts("TooManyDevices"):
        desk.send("linkDeviceSigned", desk.phone.address, now, desk.consent(desk.phone, now))
    assert desk.linked(desk.phone.address) == (False, False)


def test_at_most_32_devices(desk: Desk) -> None:
    for n in range(MAX_DEVICES):
        desk.send("linkDevice", numbered(n))
        desk.send("linkIdentityDevice", desk.identity, numbered(n))
    with reverts("TooManyDevices"):
        desk.send("linkDevice", numbered(99))
    with reverts("TooManyDevices"):
        desk.send("linkIdentityDevice", desk.identity, numbered(99))
    desk.send("linkDevice", numbered(0))  # there already
    desk.send("unlinkDevice", numbered(7))
    desk.send("linkDevice", numbered(99))
    assert set(desk.of()) == {numbered(n) for n in (*range(7), *range(8, MAX_DEVICES), 99)}
    desk.send("linkDevice", numbered(1), sender=desk.bob)


def test_strangers_link_only_for_themselves(desk: Desk) -> None:
    desk.send("linkDevice", desk.phone.address)
    desk.send("linkDevice", desk.bob, sender=desk.bob)
    desk.send("unlinkDevice", desk.phone.address, sender=desk.bob)
    assert (desk.of(), desk.of(desk.bob)) == ([desk.phone.address], [desk.bob])
    for id_ in (desk.identity, 0, 99):
        for name in ("linkIdentityDevice", "unlinkIdentityDevice"):
            with reverts("NotOwner"):
                desk.send(name, id_, ZERO, sender=desk.bob)


def test_duplicates_and_removals_keep_list_and_index_inverse_dv_i1(desk: Desk) -> None:
    """Every order of leaving, from every place: first, middle, last, the only one."""
    for gone in ((0,), (1,), (2,), (0, 0), (2, 0), (1, 1), (0, 1, 0)):
        mark = desk.economy.evm.snapshot()
        model = [numbered(n) for n in range(3)]
        for device in (*model, *model):
            desk.send("linkDevice", device)
        for place in gone:
            device = model[place]
            model[place] = model[-1]
            model.pop()
            desk.send("unlinkDevice", device)
            assert desk.of() == model
            assert desk.linked(device) == (False, False)
            assert all(desk.linked(other)[0] for other in model)
        desk.economy.evm.revert(mark)


def test_identity_devices(desk: Desk) -> None:
    with reverts("ZeroDevice"):
        desk.send("linkIdentityDevice", desk.identity, ZERO)
    receipt = desk.send("linkIdentityDevice", desk.identity, desk.phone.address)
    expected = {"id": desk.identity, "device": desk.phone.address}
    assert receipt.only("IdentityDeviceLinked") == expected
    assert desk.send("linkIdentityDevice", desk.identity, desk.phone.address).events == []
    assert desk.of_identity() == [desk.phone.address]
    assert desk.facet.call("isIdentityDeviceLinked", desk.identity, desk.phone.address)
    assert desk.of() == []  # the account's own list is another
    receipt = desk.send("unlinkIdentityDevice", desk.identity, desk.phone.address)
    assert receipt.only("IdentityDeviceUnlinked") == expected
    assert desk.send("unlinkIdentityDevice", desk.identity, desk.phone.address).events == []
    assert desk.of_identity() == []


def test_the_old_holder_and_its_devices_go_with_the_transfer(desk: Desk) -> None:
    economy, phone = desk.economy, desk.phone.address
    desk.send("linkIdentityDevice", desk.identity, phone)
    economy.erc721.send("transferFrom", desk.alice, desk.bob, desk.identity, sender=desk.alice)
    assert desk.of_identity() == []
    assert not desk.facet.call("isIdentityDeviceLinked", desk.identity, phone)
    for name in ("linkIdentityDevice", "unlinkIdentityDevice"):
        with reverts("NotOwner"):
            desk.send(name, desk.identity, phone)
    desk.send("linkIdentityDevice", desk.identity, desk.laptop.address, sender=desk.bob)
    economy.erc721.send("transferFrom", desk.bob, desk.alice, desk.identity, sender=desk.bob)
    assert desk.of_identity() == []  # coming back brings nothing back


def test_a_burned_identity_has_no_devices(desk: Desk) -> None:
    phone = desk.phone.address
    desk.send("linkIdentityDevice", desk.identity, phone)
    desk.economy.add_facet("BurnFacet").send("burn", desk.identity, sender=desk.bob)
    assert desk.of_identity() == []
    assert not desk.facet.call("isIdentityDeviceLinked", desk.identity, phone)
    with reverts("NotOwner"):
        desk.send("linkIdentityDevice", desk.identity, phone)


def test_a_link_grants_nothing(desk: Desk) -> None:
    """A confirmed device of the holder is a stranger everywhere else."""
    economy, phone = desk.economy, desk.phone
    sig = desk.consent(phone, economy.now)
    desk.send("linkDeviceSigned", phone.address, economy.now, sig)
    desk.send("linkIdentityDevice", desk.identity, phone.address)
    with reverts("NotOwner"):
        economy.registry.send("setMetadata", 1, b"\0" * 32, b"", sender=phone.address)
    with reverts("NotApproved"):
        economy.erc721.send("approve", phone.address, 1, sender=phone.address)
    with reverts("NotOwner"):
        desk.send("linkIdentityDevice", 1, phone.address, sender=phone.address)
