"""Room for large results: memory of the right shape, lent to one tensor at a time."""

import threading

import pytest
import torch

from hdlib import storage
from hdlib.storage import IDLE, LARGE, SPARE, room

CPU = torch.device("cpu")
OCTET = torch.uint8


@pytest.fixture(autouse=True)
def nothing_idle(monkeypatch):
    monkeypatch.setattr(storage, "_idle", {})


@pytest.mark.parametrize("kind", [torch.int8, torch.int64, torch.float32, torch.complex128])
@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 5), (7,), (3, LARGE), (LARGE // 4 + 1, 1, 4)])
def test_it_is_empty_memory_of_any_size(shape, kind):
    for _ in range(2):  # new, and used before
        x = room(shape, kind, CPU)
        assert (x.shape, x.dtype, x.is_contiguous()) == (shape, kind, True)
        assert x.data_ptr() % 64 == 0
        assert torch.equal(x.fill_(3), torch.full(shape, 3, dtype=kind))
        del x


def test_it_lives_where_it_is_asked_to():
    with torch.device("meta"):
        assert room((LARGE,), OCTET, CPU).device.type == "cpu"
    assert room((LARGE,), OCTET, torch.device("meta")).device.type == "meta"


def test_what_is_gone_is_used_again():
    place = room((LARGE,), OCTET, CPU).data_ptr()
    assert room((LARGE,), OCTET, CPU).data_ptr() == place
    assert room((LARGE // 4,), torch.float32, CPU).data_ptr() == place


def test_a_block_is_not_lent_to_what_is_larger_or_much_smaller():
    kept = room((LARGE * SPARE,), OCTET, CPU)
    place = kept.data_ptr()
    del kept
    assert room((LARGE * SPARE + 1,), OCTET, CPU).data_ptr() != place
    assert room((LARGE,), OCTET, CPU).data_ptr() != place


@pytest.mark.parametrize("hold", [lambda x: x[5:6], lambda x: x.numpy(), lambda x: x.view(-1, 1)])
def test_memory_is_lent_to_nobody_while_any_view_of_it_lives(hold):
    view = hold(room((LARGE,), OCTET, CPU).fill_(7))
    others = [room((LARGE,), OCTET, CPU).fill_(9) for _ in range(3)]
    assert (view == 7).all()
    assert len({x.data_ptr() for x in others}) == 3


def test_gradients_keep_what_they_need():
    x = torch.ones(LARGE // 4, requires_grad=True)
    kept = room((LARGE // 4,), torch.float32, CPU).fill_(2)
    product = x * kept
    del kept
    room((LARGE // 4,), torch.float32, CPU).fill_(3)
    product.sum().backward()
    assert (x.grad == 2).all()


def test_what_waited_longest_is_forgotten_when_too_much_is_idle():
    sizes = [IDLE // 2, 2 * IDLE, IDLE // 4, IDLE // 3]
    held = [room((size,), OCTET, CPU) for size in sizes]
    while held:
        held.pop(0)
    kept = [len(block) // LARGE for block in storage._idle.values()]
    assert kept == [sizes[2] // LARGE, sizes[3] // LARGE]


def test_threads_never_share_a_block():
    wrong = []

    def work(own: int) -> None:
        for _ in range(200):
            x = room((LARGE,), OCTET, CPU)
            x[:: LARGE // 64] = own
            wrong.append(bool((x[:: LARGE // 64] != own).any()))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wrong) == 800
    assert not any(wrong)
