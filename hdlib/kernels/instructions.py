"""What processors can do and Python has no word for, for kernels that numba compiles."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

OCTET, NUMBER, WORD = ir.IntType(8), ir.IntType(32), ir.IntType(64)
LANES = 64  # numbers that are compared at once
LINE = [NUMBER(0), NUMBER(3), NUMBER(1)]  # to be read, soon and again, as data


def address(context: Any, builder: Any, array: Any, place: Any, kind: ir.Type) -> Any:
    """Where the element at a place of a 1-D array lies, read as another type."""
    elements = context.make_array(array[0])(context, builder, array[1]).data
    return builder.bitcast(builder.gep(elements, [place]), kind.as_pointer())


def ctpop(typing: Any, x: Any) -> Any:
    """LLVM's ctpop: one instruction, or eight at a time, where the processor has it."""
    return types.uint64(types.uint64), lambda _, builder, signature, args: builder.ctpop(args[0])


def fetch(typing: Any, words: Any, place: Any) -> Any:
    """Ask for the line of memory that holds ``words[place]``, or lies beyond them, and go on."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        line = address(context, builder, (signature.args[0], args[0]), args[1], OCTET)
        kind = ir.FunctionType(ir.VoidType(), [line.type, NUMBER, NUMBER, NUMBER])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", [line.type], kind)
        builder.call(prefetch, [line, *LINE])
        return context.get_dummy_value()

    return types.void(words, place), code


def less(typing: Any, numbers: Any, place: Any, bound: Any) -> Any:
    """A one for each of 64 numbers, from a place on, that is below a bound: ``-> uint64``."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.VectorType(args[2].type, LANES)
        start = address(context, builder, (signature.args[0], args[0]), args[1], kind)
        first = builder.insert_element(kind(ir.Undefined), args[2], NUMBER(0))
        copied = ir.VectorType(NUMBER, LANES)(None)  # all of lane 0
        bounds = builder.shuffle_vector(first, kind(ir.Undefined), copied)
        below = builder.icmp_signed("<", builder.load(start, align=1), bounds)
        return builder.bitcast(below, WORD)

    return types.uint64(numbers, place, numbers.dtype), code


def past(typing: Any, old: Any, new: Any, place: Any) -> Any:
    """Copy 16 words at a place, where in ``new`` a line of memory begins: past the cache."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        line, arrays = ir.VectorType(NUMBER, 16), zip(signature.args, args[:2], strict=False)
        source, result = (address(context, builder, array, args[2], line) for array in arrays)
        store = builder.store(builder.load(source, align=4), result, align=64)
        store.set_metadata("nontemporal", builder.module.add_metadata([NUMBER(1)]))
        return context.get_dummy_value()

    return types.void(old, new, place), code


def fetch_add(typing: Any, numbers: Any) -> Any:
    """Add one to the first of some numbers, a thread at a time: ``->`` what it was before."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        first = address(context, builder, (signature.args[0], args[0]), WORD(0), WORD)
        return builder.atomic_rmw("add", first, WORD(1), "monotonic")

    return types.int64(numbers), code


def pointer(typing: Any, number: Any) -> Any:
    """The address that a number is."""
    kind = OCTET.as_pointer()
    return types.voidptr(number), lambda _, builder, signature, args: builder.inttoptr(*args, kind)


popcount: Any = intrinsic(ctpop)
prefetch: Any = intrinsic(fetch)
smaller: Any = intrinsic(less)
store_past: Any = intrinsic(past)
add_one: Any = intrinsic(fetch_add)
at: Any = intrinsic(pointer)
