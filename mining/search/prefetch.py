"""The one instruction of the ranking that numba has no word for."""

# mypy: ignore-errors
# Code about code: numba's own side of it has no types either.

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


@intrinsic
def prefetch(typingctx, array, row, column):  # pragma: no cover
    """Ask for the cache line of `array[row, column]`, `(n, d)`; nothing else happens."""

    def generate(context, builder, signature, args):
        kind = signature.args[0]
        view = context.make_array(kind)(context, builder, args[0])
        entry = cgutils.get_item_pointer(context, builder, kind, view, list(args[1:]))
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        shape = ir.FunctionType(ir.VoidType(), (byte, number, number, number))
        function = cgutils.get_or_insert_function(builder.module, shape, "llvm.prefetch")
        read, to_all_caches, data = number(0), number(3), number(1)
        builder.call(function, (builder.bitcast(entry, byte), read, to_all_caches, data))

    return types.void(array, row, column), generate
