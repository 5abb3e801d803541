"""Bad input is refused before any work, in a sentence with the verb, the values and the repair."""

import itertools
import math
import re

import pytest
import torch

from hdlib import BSC, BSDC, CGR, FHRR, HRR, MAPB, MAPI, MBAT, MCR, SBC, VTB, Accumulator, kernels
from tests.vsa.spaces import ALL, FLOATS, QUANTISED, SPACES, make

BITS, SIGNS, SUMS = BSC(10_000), MAPB(100), MAPI(100)
WAVES, PHASES, CODES, SETS = HRR(100), FHRR(100), SBC(160), BSDC(100)
ANGLES = MCR(100)


@pytest.fixture
def no_work(monkeypatch):
    """Fails the test if a verb starts to compute."""

    def started(*args, **kwargs):
        raise AssertionError("work started before the input was checked")

    for vsa in (BITS, SIGNS, SUMS, WAVES, PHASES, CODES, SETS, ANGLES):
        for work in ("_bind", "_unbind", "_tally", "_similarity", "_permute", "_settle", "_draw"):
            monkeypatch.setattr(vsa, work, started)
    for work in ("xor", "product", "times"):
        monkeypatch.setattr(kernels, work, started)


def refuses(error, message, call):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


# Making a space


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("dim", [0, -1, -64])
def test_a_dimension_is_at_least_1(name, dim):
    model, options = SPACES[name]
    refuses(
        ValueError,
        f"{model.__name__}: dim must be at least 1, got {dim}",
        lambda: model(dim, **options),
    )


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("dim", [True, False, 2.5, 64.0, "64", None])
def test_a_dimension_is_a_whole_number(name, dim):
    model, options = SPACES[name]
    message = f"{model.__name__}: dim must be a whole number, got {dim!r}"
    refuses(TypeError, message, lambda: model(dim, **options))


MISMADE = [
    (TypeError, "BSC: seed must be a whole number, got 1.5", lambda: BSC(10, seed=1.5)),
    (ValueError, "VTB: dim 99 is not a square; take 81 (9²) or 100 (10²)", lambda: VTB(99)),
    (ValueError, "VTB: dim 2 is not a square; take 1 (1²) or 4 (2²)", lambda: VTB(2)),
    (
        ValueError,
        "SBC: dim 100 is not a multiple of block 16; take 96 or another block",
        lambda: SBC(100),
    ),
    (
        ValueError,
        "SBC: dim 7 is not a multiple of block 16; take 16 or another block",
        lambda: SBC(7),
    ),
    (ValueError, "SBC: block must be at least 2, got 1", lambda: SBC(100, block=1)),
    (ValueError, "SBC: block must be at most 32768, got 65536", lambda: SBC(2**16, block=2**16)),
    (TypeError, "SBC: block must be a whole number, got 2.0", lambda: SBC(100, block=2.0)),
    (ValueError, "MCR: modulus must be at least 2, got 1", lambda: MCR(100, modulus=1)),
    (ValueError, "CGR: modulus must be at most 1024, got 1025", lambda: CGR(9, modulus=1025)),
    (TypeError, "CGR: modulus must be a whole number, got 2.0", lambda: CGR(9, modulus=2.0)),
    (
        ValueError,
        "MBAT: dim 100 is no power of 2, as 'hadamard' needs; take 64 or 128",
        lambda: MBAT(100, kind="hadamard"),
    ),
    (
        ValueError,
        "MBAT: kind must be one of permutation, orthogonal, hadamard, gaussian, got 'dense'",
        lambda: MBAT(100, kind="dense"),
    ),
    (
        ValueError,
        "BSDC: density 0.99 sets all of dim 10; take a lower density or more dimensions",
        lambda: BSDC(10, density=0.99),
    ),
    (
        ValueError,
        "BSDC: density 0.707 sets all of dim 1; take a lower density or more dimensions",
        lambda: BSDC(1),
    ),
    (
        ValueError,
        'BSDC: bundles must be "or" or "count", got \'sum\'',
        lambda: BSDC(10, bundles="sum"),
    ),
]


@pytest.mark.parametrize(("error", "message", "call"), MISMADE, ids=[m for _, m, _ in MISMADE])
def test_a_space_that_cannot_be_is_refused(error, message, call):
    refuses(error, message, call)


@pytest.mark.parametrize("density", [0, 1, -0.1, 1.5, math.nan, math.inf, "x", True])
def test_a_density_lies_between_0_and_1(density):
    message = f"BSDC: density must be a number between 0 and 1, got {density!r}"
    refuses(ValueError, message, lambda: BSDC(10, density=density))


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_missing_gpu_is_named():
    message = "BSC: torch sees no GPU here; take device=hdlib.best_device()"
    refuses(ValueError, message, lambda: BSC(10, device="cuda"))


# Vectors of another kind

int64, int8 = torch.int64, torch.int8
STRANGERS = [
    (
        ValueError,
        "bind: widths differ, (3, 157) and (3, 160); make both with the same BSC",
        lambda: BITS.bind(torch.zeros(3, 157, dtype=int64), torch.zeros(3, 160, dtype=int64)),
    ),
    (
        ValueError,
        "unbind: widths differ, (100,) and (99,); make both with the same HRR",
        lambda: WAVES.unbind(torch.ones(100), torch.ones(99)),
    ),
    (
        ValueError,
        "bundle: HRR(dim=100, seed=0) has width 100, got float32 (3, 99); "
        "make it with the same HRR",
        lambda: WAVES.bundle(torch.ones(3, 99)),
    ),
    (
        ValueError,
        "similarity: HRR(dim=100, seed=0) has width 100, got float32 (99,); "
        "make it with the same HRR",
        lambda: WAVES.similarity(torch.ones(100), torch.ones(99)),
    ),
    (
        ValueError,
        "normalize: BSC(dim=10000, seed=0) has width 160, got int64 (3, 99); "
        "make it with the same BSC",
        lambda: BITS.normalize(torch.zeros(3, 99, dtype=int64)),
    ),
    (
        TypeError,
        "bind: BSC(dim=10000, seed=0) works on int64, got int8 (100,) as from MAPI or MAPB; "
        "make it with the same BSC",
        lambda: BITS.bind(torch.ones(100, dtype=int8), torch.zeros(160, dtype=int64)),
    ),
    (
        ValueError,
        "bind: MAPI(dim=100, seed=0) has width 100, got int64 (8,) as from BSC or BSDC; "
        "make it with the same MAPI",
        lambda: SUMS.bind(torch.ones(100, dtype=int8), torch.zeros(8, dtype=int64)),
    ),
    (
        TypeError,
        "bundle: FHRR(dim=100, seed=0) works on complex64/complex128, got float32 (3, 100) "
        "as from HRR, VTB or MBAT; make it with the same FHRR",
        lambda: PHASES.bundle(torch.ones(3, 100)),
    ),
    (
        TypeError,
        "bind: HRR(dim=100, seed=0) works on float32/float64, got float16 (100,); "
        "make it with the same HRR",
        lambda: WAVES.bind(torch.ones(100).half(), torch.ones(100)),
    ),
    (
        TypeError,
        "permute: SBC(dim=160, block=16, seed=0) works on int16, got int32 (160,); "
        "make it with the same SBC, or normalize it if it is a tally",
        lambda: CODES.permute(torch.ones(160, dtype=torch.int32)),
    ),
    (
        TypeError,
        "inverse: MAPB(dim=100, seed=0) works on int8, got int32 (100,); "
        "make it with the same MAPB, or normalize it if it is a tally",
        lambda: SIGNS.inverse(torch.ones(100, dtype=torch.int32)),
    ),
    (
        TypeError,
        "bundle: expected one tensor, got list; see atoms, torch.stack",
        lambda: WAVES.bundle([torch.ones(100), torch.ones(100)]),
    ),
    (
        TypeError,
        "bind: expected one tensor, got str; see atoms, torch.stack",
        lambda: WAVES.bind("name", torch.ones(100)),
    ),
    (
        ValueError,
        "dense: expected a vector, got a tensor without axes",
        lambda: WAVES.dense(torch.tensor(1.0)),
    ),
    (
        ValueError,
        "bind: HRR(dim=100, seed=0) lives on cpu, got a tensor on meta; move it with .to('cpu')",
        lambda: WAVES.bind(torch.ones(100), torch.ones(100, device="meta")),
    ),
    (
        ValueError,
        "bundle: BSC(dim=10000, seed=0) lives on cpu, got a tensor on meta; "
        "move it with .to('cpu')",
        lambda: BITS.bundle(torch.zeros(3, 160, dtype=int64, device="meta")),
    ),
    (
        ValueError,
        "dense: a tensor of shape (160,) holds ones beyond bit 10000; make it with the same dim",
        lambda: BITS.dense(torch.full((160,), -1)),
    ),
    (
        ValueError,
        "bind: a tensor of shape (10,) holds symbols outside 0..15; make it with the same block",
        lambda: CODES.bind(*torch.full((2, 10), 16, dtype=torch.int16)),
    ),
    (
        ValueError,
        "bundle: a tensor of shape (4, 3, 10) holds symbols outside 0..15; "
        "make it with the same block",
        lambda: CODES.bundle(torch.full((4, 3, 10), 16, dtype=torch.int16), dim=0),
    ),
    (
        ValueError,
        "bundle: a tensor of shape (3, 100) holds integers outside 0..15; "
        "make it with the same modulus",
        lambda: ANGLES.bundle(torch.full((3, 100), -1, dtype=torch.int16), weights=[1, 2, 3]),
    ),
    (
        ValueError,
        "bind: a tensor of shape (100,) holds integers outside 0..15; "
        "make it with the same modulus",
        lambda: ANGLES.bind(*torch.full((2, 100), -1, dtype=torch.int16)),
    ),
    (
        ValueError,
        "bind: widths differ, (100,) and (10,); make both with the same MCR",
        lambda: ANGLES.bind(torch.zeros(100, dtype=torch.int16), CODES.identity()),
    ),
    (
        ValueError,
        "bind: batch axes (3,) and (4,) do not broadcast; make them equal, or 1",
        lambda: WAVES.bind(torch.ones(3, 100), torch.ones(4, 100)),
    ),
    (
        ValueError,
        "similarity: batch axes (2,) and (3,) do not broadcast; make them equal, or 1",
        lambda: WAVES.similarity(torch.ones(2, 5, 100), torch.ones(3, 5, 100)),
    ),
]


@pytest.mark.parametrize(("error", "message", "call"), STRANGERS, ids=[m for _, m, _ in STRANGERS])
def test_a_stranger_is_refused_by_name(error, message, call, no_work):
    refuses(error, message, call)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("vsa", [SUMS, WAVES, PHASES])
def test_nan_and_infinity_are_refused(vsa, bad, no_work):
    x = torch.ones(2, 100, dtype=vsa.dtypes[-1])
    x[1, 50] = bad
    calls = {
        "inverse": lambda: vsa.inverse(x),
        "similarity": lambda: vsa.similarity(x, x),
        "normalize": lambda: vsa.normalize(x),
        "dense": lambda: vsa.dense(x),
    }
    for verb, call in calls.items():
        refuses(
            ValueError,
            f"{verb}: a tensor of shape (2, 100) holds NaN or inf; replace them first",
            call,
        )


def carriers(vsa, x):
    """The verbs whose result shows what is in x ``(2, W)``, beside zeros."""
    zeros = torch.zeros(vsa.dim, dtype=x.dtype)
    yield "bind", lambda: vsa.bind(x)
    yield "bind", lambda: vsa.bind(x, zeros)
    yield "bind", lambda: vsa.bind(zeros, x)
    yield "bind", lambda: vsa.bind(zeros, zeros, x, zeros)
    yield "bind", lambda: vsa.bind(zeros.expand(0, 1, -1), x)  # an empty result shows nothing
    yield "unbind", lambda: vsa.unbind(x, zeros)
    yield "unbind", lambda: vsa.unbind(zeros, x)
    yield "bundle", lambda: vsa.bundle(x)
    yield "bundle", lambda: vsa.bundle(x, weights=[1, 0])
    yield "bundle", lambda: vsa.bundle(x, weights=[1.0, 0.0])
    yield "permute", lambda: vsa.permute(x)
    yield "tally", lambda: vsa.tally(x)
    yield "tally", lambda: vsa.tally(x, weights=[0, 0])


def test_ones_beyond_the_last_bit_are_found_on_the_way():
    zeros = torch.zeros(BITS.width, dtype=torch.int64)
    x = zeros.expand(2, -1).clone()
    x[1, -1] = 1
    for verb, *operands in (
        ("bind", x),
        ("bind", x, zeros),
        ("bind", zeros, x),
        ("bind", x, x),
        ("bind", zeros, zeros, x, zeros),
        ("bind", zeros.expand(0, 1, -1), x),
        ("unbind", x, zeros),
        ("unbind", zeros, x),
    ):
        with pytest.raises(ValueError, match=f"^{verb}: .* holds ones beyond bit 10000"):
            getattr(BITS, verb)(*operands)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", [*FLOATS, "MAPI", "BSDC-count"])
@pytest.mark.parametrize("dim", [16, 131])  # 131 is prime: transforms of another length
def test_nan_and_infinity_are_found_in_what_they_lead_to(name, dim, bad):
    vsa = make(name, dim)
    kinds = [kind for kind in vsa.dtypes if kind.is_floating_point or kind.is_complex]
    numbers = [bad, complex(0, bad)] if vsa.dtypes[0].is_complex else [bad]
    flaw = f"a tensor of shape (2, {vsa.dim}) holds NaN or inf; replace them first"
    for kind, number, place in itertools.product(kinds, numbers, (0, vsa.dim - 1)):
        for x in (torch.zeros(2, vsa.dim, dtype=kind), vsa.random(2).to(kind)):
            x[1, place] = number
            for verb, call in carriers(vsa, x):
                refuses(ValueError, f"{verb}: {flaw}", call)


@pytest.mark.parametrize("name", FLOATS)
def test_a_result_beyond_the_range_of_floats_is_no_flaw_of_its_operands(name):
    vsa = make(name, 16)
    huge = torch.full((2, vsa.dim), 3e38, dtype=vsa.dtypes[0])
    assert not vsa.bundle(huge).isfinite().any()
    assert vsa.bind(huge, huge).shape == huge.shape
    assert vsa.bundle(huge, weights=[1, -1]).isfinite().all()


def test_a_complex_vector_is_searched_in_both_parts(no_work):
    x = torch.full((100,), complex(0, math.nan))
    with pytest.raises(ValueError, match="NaN"):
        PHASES.inverse(x)


def test_a_tally_with_nan_is_refused(no_work):
    with pytest.raises(ValueError, match=r"^normalize: .* NaN or inf; replace them first$"):
        BITS.normalize(torch.full((10_000,), math.nan))


# Arguments of the verbs


@pytest.mark.parametrize("shift", [1.5, True, "1", None])
def test_a_shift_is_a_whole_number(shift, no_work):
    message = f"permute: shift must be a whole number, got {shift!r}"
    refuses(TypeError, message, lambda: WAVES.permute(torch.ones(100), shift))


@pytest.mark.parametrize("dim", [-1, 2, 1, -3])
def test_a_bundle_runs_along_a_batch_axis(dim, no_work):
    message = f"bundle: dim={dim} is no batch axis of (3, 100); stack vectors first"
    refuses(ValueError, message, lambda: WAVES.bundle(torch.ones(3, 100), dim=dim))


def test_a_single_vector_is_no_stack(no_work):
    message = "bundle: dim=-2 is no batch axis of (100,); stack vectors first"
    refuses(ValueError, message, lambda: WAVES.bundle(torch.ones(100)))


def test_an_axis_is_a_whole_number(no_work):
    message = "tally: dim must be a whole number, got 0.5"
    refuses(TypeError, message, lambda: WAVES.tally(torch.ones(3, 100), dim=0.5))


@pytest.mark.parametrize("name", QUANTISED)
def test_a_quantised_model_has_no_empty_bundle(name):
    vsa = make(name, 64)
    model = type(vsa).__name__
    message = f"bundle: {model} has no empty bundle, any value of it would mean something; "
    refuses(ValueError, message + "give at least one vector", lambda: vsa.bundle(vsa.random(2, 0)))


THREE = torch.zeros(3, 160, dtype=int64)
FOR_THREE = "for 3 vectors; give one number for each vector"
WEIGHTS = [
    (ValueError, f"bundle: weights of shape (2,) {FOR_THREE}", [1, 2]),
    (ValueError, f"bundle: weights of shape () {FOR_THREE}", 1.0),
    (ValueError, "bundle: weights hold NaN or inf as float32; replace them", [1, 2, math.nan]),
    (ValueError, "bundle: weights hold NaN or inf as float32; replace them", [1, 2, -math.inf]),
    (
        ValueError,
        "bundle: weights hold NaN or inf as float32; replace them",
        torch.tensor([1e300, 1, 1], dtype=torch.float64),
    ),
    (TypeError, "bundle: weights must be real numbers, got 'abc'", "abc"),
    (TypeError, "bundle: weights must be real numbers, got [1, None, 3]", [1, None, 3]),
    (TypeError, "bundle: weights must be real numbers, got bool", [True, False, True]),
    (TypeError, "bundle: weights must be real numbers, got complex64", [1j, 2, 3]),
]


@pytest.mark.parametrize(("error", "message", "weights"), WEIGHTS)
def test_bad_weights_are_refused(error, message, weights, no_work):
    refuses(error, message, lambda: BITS.bundle(THREE, weights=weights))


def test_weights_broadcast_to_the_batch(no_work):
    message = "bundle: weights: batch axes (2,) and (4,) do not broadcast; make them equal, or 1"
    refuses(
        ValueError, message, lambda: BITS.bundle(THREE.expand(4, 3, 160), weights=torch.ones(2, 3))
    )


@pytest.mark.parametrize(
    ("size", "error", "message"),
    [
        (-1, ValueError, "random: a size must be at least 0, got -1"),
        (2.0, TypeError, "random: a size must be a whole number, got 2.0"),
        ((2, 3), TypeError, "random: a size must be a whole number, got (2, 3)"),
        (True, TypeError, "random: a size must be a whole number, got True"),
    ],
)
def test_a_shape_has_whole_sizes(size, error, message):
    vsa = BSC(64)
    refuses(error, message, lambda: vsa.random(3, size))
    assert torch.equal(vsa.random(2), BSC(64).random(2))  # the counter has not moved


REPAIR = "use smaller weights, normalized vectors, or floats"
OVERFLOWS = [
    (
        "bundle: values of up to 1.38e+19 do not fit int64",
        lambda: SUMS.bundle(torch.full((3, 100), 2**62)),
    ),
    (
        "tally: values of up to 2.15e+09 do not fit int32",
        lambda: BITS.tally(THREE, weights=[2**31, 1, 1]),
    ),
    (
        "tally: values of up to 1.38e+19 do not fit int32",
        lambda: BITS.tally(THREE, weights=[2**62, 2**62, -(2**62)]),
    ),
    (
        "bind: values of up to 1.21e+24 do not fit int64",
        lambda: SUMS.bind(*torch.full((2, 100), 2**40)),
    ),
    (
        "bind: values of up to 1e+04 do not fit int8",
        lambda: SUMS.bind(*torch.full((2, 100), 100, dtype=int8)),
    ),
    (
        "bind: values of up to 1e+04 do not fit int8",  # though the last factor takes all away
        lambda: SUMS.bind(*torch.full((2, 100), 100, dtype=int8), torch.zeros(100, dtype=int8)),
    ),
    (
        "bind: values of up to 1.64e+04 do not fit int8",
        lambda: SIGNS.bind(*torch.full((2, 100), -128, dtype=int8)),
    ),
    (
        "bind: values of up to 1.07e+11 do not fit int32",
        lambda: SUMS.bind(
            torch.full((100,), 2**30, dtype=torch.int32), torch.full((100,), 100, dtype=int8)
        ),
    ),
    (
        "add: values of up to 9.22e+18 do not fit int64",
        lambda: Accumulator(SUMS).add(torch.full((100,), 2**62)).add(torch.full((100,), 2**62)),
    ),
]


@pytest.mark.parametrize(("message", "call"), OVERFLOWS, ids=[m for m, _ in OVERFLOWS])
def test_an_overflow_is_refused(message, call):
    refuses(OverflowError, f"{message}; {REPAIR}", call)


def test_floats_carry_what_integers_cannot():
    assert SUMS.bundle(torch.full((3, 100), 2.0**62)).tolist() == [3 * 2.0**62] * 100
    assert BITS.tally(THREE, weights=[2.0**31, 1, 1]).tolist() == [2.0**31 + 2] * 10_000


# Accumulators


def test_an_accumulator_gives_back_only_what_it_holds():
    vsa = BSC(64)
    running = Accumulator(vsa).add(vsa.atoms("a"))
    message = "remove: 2 vectors from a bundle of 1; remove only what was added"
    refuses(ValueError, message, lambda: running.remove(vsa.random(2)))


def test_an_empty_accumulator_says_so():
    message = "tally: nothing was added to this Accumulator; call add first"
    refuses(ValueError, message, lambda: Accumulator(BITS).tally)
    refuses(ValueError, message, lambda: Accumulator(WAVES).value)
    message = "value: BSC has no empty bundle; add a vector"
    refuses(ValueError, message, lambda: Accumulator(BITS).value)


@pytest.mark.parametrize(
    ("bad", "weights", "message"),
    [
        (torch.ones(100), None, "^add: BSC.* works on int64, got float32"),
        ("x", None, "^add: expected one tensor, got str"),
        (THREE, [1], "^add: weights of shape .1,. for 3 vectors"),
        (THREE, [2**40, 1, 1], "^add: values of up to 1.1e.12 do not fit int32"),
    ],
)
def test_a_failed_addition_changes_nothing(bad, weights, message):
    x = BITS.atoms("a")
    running = Accumulator(BITS).add(x)
    with pytest.raises((TypeError, ValueError, OverflowError), match=message):
        running.add(bad, weights)
    assert len(running) == 1
    assert torch.equal(running.value, x)


@pytest.mark.parametrize("name", ALL)
def test_every_error_names_a_space_that_can_be_made_again(name):
    vsa = make(name, 64)
    with pytest.raises((TypeError, ValueError), match=re.escape(vsa.name)):
        vsa.permute(torch.zeros(3, 7, dtype=torch.bool))
