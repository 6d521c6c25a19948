"""Sixty-four lanes at a time: comparisons, selections and compression as vector instructions, for any processor.

Written as LLVM's own vector operations, not as intrinsics of one processor: with AVX-512 each is one or two
instructions for 64 lanes of a byte, elsewhere LLVM makes two or four of it.  Only compiled code may call these.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

#: Lanes in a block; a mask of a block is one unsigned integer of 64 bits.
BLOCK = 64
_Emit = Callable[..., Any]
_I64 = ir.IntType(64)
_compiled: Callable[..., Any] = njit


def kernel(function: Any) -> Any:
    """Compile a function, without the GIL and without counting references: it can neither allocate nor raise."""
    return _compiled(nogil=True, cache=True, error_model="numpy", _nrt=False)(function)


def inlined(function: Any) -> Any:
    """The same, inserted where it is called: an array is seven numbers to hand over."""
    return _compiled(nogil=True, cache=True, error_model="numpy", _nrt=False, forceinline=True)(function)


def allocating_kernel(function: Any) -> Any:
    """Compile a function that makes arrays; it doesn't belong into an inner loop."""
    return _compiled(nogil=True, cache=True, error_model="numpy")(function)


def _pointer(context: Any, builder: Any, kind: Any, array: Any, index: Any, lanes: int = BLOCK) -> Any:
    """Address of `lanes` neighbours of an array, as a vector."""
    data = context.make_array(kind)(context, builder, value=array).data
    vector = ir.VectorType(ir.IntType(kind.dtype.bitwidth), lanes)
    return builder.bitcast(builder.gep(data, [index]), vector.as_pointer())


def _load(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    return builder.load(_pointer(context, builder, kind, array, index), align=1)


@intrinsic
def above(_context: Any, array: Any, i: Any, other: Any, j: Any) -> tuple[Any, _Emit]:
    """Mask of the lanes k where `array[i + k] > other[j + k]`."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        left = _load(context, builder, signature.args[0], arguments[0], arguments[1])
        right = _load(context, builder, signature.args[2], arguments[2], arguments[3])
        return builder.bitcast(builder.icmp_unsigned(">", left, right), _I64)

    return types.uint64(array, types.intp, other, types.intp), emit


@intrinsic
def step(_context: Any, lanes: Any, first: Any, last: Any, ends: Any, out: Any) -> tuple[Any, _Emit]:
    """Where an item follows an end: writes the new ends to `out`; answers which lanes still hold a *guess*.

    All arguments are places in one array.  A lane whose last occurrence is not behind its end is dead (all bits set);
    where the first occurrence is behind it, that is the new end; else the last one is written: the caller has to look.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, kind = arguments[0], signature.args[0]
        firsts, lasts, before = (_load(context, builder, kind, array, place) for place in arguments[1:4])
        alive = builder.icmp_unsigned(">", lasts, before)
        direct = builder.icmp_unsigned(">", firsts, before)
        dead = ir.Constant(lasts.type, [-1] * BLOCK)
        chosen = builder.select(alive, builder.select(direct, firsts, lasts), dead)
        builder.store(chosen, _pointer(context, builder, kind, array, arguments[4]), align=1)
        return builder.bitcast(builder.and_(alive, builder.not_(direct)), _I64)

    return types.uint64(lanes, types.intp, types.intp, types.intp, types.intp), emit


@intrinsic
def compress(_context: Any, source: Any, i: Any, mask: Any, target: Any, j: Any) -> tuple[Any, _Emit]:
    """Write the lanes of `source[i:i + 64]` that the mask names to `target[j:]`, next to each other.

    What stands behind them, up to a block, is overwritten with anything.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        width = signature.args[0].dtype.bitwidth
        lanes = 512 // width
        vector, flags = ir.VectorType(ir.IntType(width), lanes), ir.VectorType(ir.IntType(1), lanes)
        name = f"llvm.experimental.vector.compress.v{lanes}i{width}"
        kind = ir.FunctionType(vector, [vector, flags, vector])
        packed = cgutils.get_or_insert_function(builder.module, kind, name)
        place = arguments[4]
        for offset in range(0, BLOCK, lanes):
            start = builder.add(arguments[1], _I64(offset))
            part = builder.load(_pointer(context, builder, signature.args[0], arguments[0], start, lanes), align=1)
            named = builder.lshr(arguments[2], _I64(offset))
            named = named if lanes == BLOCK else builder.trunc(named, ir.IntType(lanes))
            kept = builder.call(packed, [part, builder.bitcast(named, flags), ir.Constant(vector, ir.Undefined)])
            target_at = _pointer(context, builder, signature.args[3], arguments[3], place, lanes)
            builder.store(kept, target_at, align=1)
            count = builder.ctpop(named)
            place = builder.add(place, count if lanes == BLOCK else builder.zext(count, _I64))
        return context.get_dummy_value()

    return types.void(source, types.intp, types.uint64, target, types.intp), emit


@intrinsic
def meets(_context: Any, lanes: Any, i: Any, j: Any) -> tuple[Any, _Emit]:
    """Mask of the lanes k where `lanes[i + k]` and `lanes[j + k]` have a bit in common."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, kind = arguments[0], signature.args[0]
        left, right = (_load(context, builder, kind, array, place) for place in arguments[1:3])
        return _mask(builder, builder.and_(left, right))

    return types.uint64(lanes, types.intp, types.intp), emit


@intrinsic
def meet(_context: Any, lanes: Any, i: Any, j: Any, out: Any) -> tuple[Any, _Emit]:
    """Write the bits that lanes have in common to `out`."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, kind = arguments[0], signature.args[0]
        left, right = (_load(context, builder, kind, array, place) for place in arguments[1:3])
        builder.store(builder.and_(left, right), _pointer(context, builder, kind, array, arguments[3]), align=1)
        return context.get_dummy_value()

    return types.void(lanes, types.intp, types.intp, types.intp), emit


@intrinsic
def moved(_context: Any, lanes: Any, i: Any, same: Any, n: Any, out: Any) -> tuple[Any, _Emit]:
    """Write the bits of `lanes[i:i + 64]`, n (below a lane's width) places on, to `out`.

    What leaves a lane enters the next one where `same` names that.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, kind = arguments[0], signature.args[0]
        new = _moved(context, builder, kind, *arguments[:4])
        builder.store(new, _pointer(context, builder, kind, array, arguments[4]), align=1)
        return context.get_dummy_value()

    return types.void(lanes, types.intp, types.uint64, types.intp, types.intp), emit


@intrinsic
def spread(_context: Any, lanes: Any, i: Any, same: Any, n: Any) -> tuple[Any, _Emit]:
    """The same, added to the bits where they are."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, kind = arguments[0], signature.args[0]
        here = _pointer(context, builder, kind, array, arguments[1])
        new = builder.or_(_moved(context, builder, kind, *arguments), builder.load(here, align=1))
        builder.store(new, here, align=1)
        return context.get_dummy_value()

    return types.void(lanes, types.intp, types.uint64, types.intp), emit


@intrinsic
def behind(_context: Any, lanes: Any, i: Any, later: Any, out: Any) -> tuple[Any, _Emit]:
    """Write all bits above the lowest one of each lane to `out`, and all bits of the `later` lanes.

    Answers which lanes have any.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, kind = arguments[0], signature.args[0]
        bits = _load(context, builder, kind, array, arguments[1])
        low = builder.and_(bits, builder.neg(bits))
        above_it = builder.neg(builder.add(low, low))
        every = ir.Constant(bits.type, [-1] * BLOCK)
        flags = builder.bitcast(arguments[2], ir.VectorType(ir.IntType(1), BLOCK))
        new = builder.select(flags, every, above_it)
        builder.store(new, _pointer(context, builder, kind, array, arguments[3]), align=1)
        return _mask(builder, new)

    return types.uint64(lanes, types.intp, types.uint64, types.intp), emit


def _mask(builder: Any, bits: Any) -> Any:
    """Which lanes have a bit, as one integer."""
    return builder.bitcast(builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, [0] * BLOCK)), _I64)


def _moved(context: Any, builder: Any, kind: Any, array: Any, at: Any, same: Any, n: Any) -> Any:
    """Lanes shifted up by n, with what the lane before loses where `same` says so."""
    width = kind.dtype.bitwidth
    vector = ir.VectorType(ir.IntType(width), BLOCK)
    here = _load(context, builder, kind, array, at)
    before = _load(context, builder, kind, array, builder.sub(at, _I64(1)))
    flags = builder.bitcast(same, ir.VectorType(ir.IntType(1), BLOCK))
    before = builder.select(flags, before, ir.Constant(vector, [0] * BLOCK))
    on = _splat(builder, builder.trunc(n, ir.IntType(width)), vector)
    off = _splat(builder, builder.trunc(builder.sub(_I64(width), n), ir.IntType(width)), vector)
    return builder.or_(builder.shl(here, on), builder.lshr(before, off))


def _splat(builder: Any, value: Any, vector: Any) -> Any:
    """The same number in every lane."""
    one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.IntType(32)(0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), BLOCK), [0] * BLOCK)
    return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), zeros)


@intrinsic
def popcount(_context: Any, mask: Any) -> tuple[Any, _Emit]:
    """How many bits are set."""
    return types.intp(types.uint64), lambda context, builder, signature, arguments: builder.ctpop(arguments[0])


@intrinsic
def lowest(_context: Any, mask: Any) -> tuple[Any, _Emit]:
    """The place of the lowest bit that is set; there is one."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.IntType(1)(1))

    return types.intp(types.uint64), emit


@intrinsic
def get(_context: Any, array: Any, index: Any) -> tuple[Any, _Emit]:
    """`array[index]` of an index that is never below zero: the check for that would cost more than the rest."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, value=arguments[0]).data
        return builder.load(builder.gep(data, [arguments[1]]))

    return array.dtype(array, types.intp), emit


@intrinsic
def put(_context: Any, array: Any, index: Any, value: Any) -> tuple[Any, _Emit]:
    """`array[index] = value`, of an index that is never below zero; the value's low bits are written."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, value=arguments[0]).data
        kind = ir.IntType(signature.args[0].dtype.bitwidth)
        narrow = arguments[2] if kind.width == _I64.width else builder.trunc(arguments[2], kind)
        builder.store(narrow, builder.gep(data, [arguments[1]]))
        return context.get_dummy_value()

    return types.void(array, types.intp, types.int64), emit


@intrinsic
def take(_context: Any, array: Any, index: Any) -> tuple[Any, _Emit]:
    """Add one to a number that threads share, and answer what it was."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, value=arguments[0]).data
        return builder.atomic_rmw("add", builder.gep(data, [arguments[1]]), _I64(1), "monotonic")

    return types.int64(array, types.intp), emit


@intrinsic
def shared(_context: Any, array: Any, index: Any) -> tuple[Any, _Emit]:
    """A number that another thread may change, as it is now."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, value=arguments[0]).data
        return builder.load_atomic(builder.gep(data, [arguments[1]]), "monotonic", 8)

    return types.int64(array, types.intp), emit
