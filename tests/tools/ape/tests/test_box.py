"""Run by ape, in a copy of this project."""

import ape
import pytest


@pytest.fixture
def box(project, accounts):
    return accounts[0].deploy(project.Box)


def test_calls_and_reverts(project, accounts, box):
    box.put(7, sender=accounts[0])
    assert box.value() == 7
    with ape.reverts("nothing to put"):
        box.put(0, sender=accounts[0])
    box.close(sender=accounts[0])
    with ape.reverts(project.Box.Closed):
        box.put(1, sender=accounts[0])


def test_tracebacks_name_the_line(accounts, box):
    with pytest.raises(ape.exceptions.ContractLogicError) as caught:
        box.put(0, sender=accounts[0])
    told = str(caught.value.source_traceback)
    assert "contracts/Box.sol" in told and "in put" in told
    assert '-->  11         require(value_ != 0, "nothing to put");' in told, told


def test_documentation_comes_with_the_type(project):
    assert project.Box.contract_type.userdoc["methods"]["put(uint256)"] == {
        "notice": "Puts a value into an open box"
    }
