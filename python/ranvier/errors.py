"""What Ranvier raises: `Error`, and one class a kind, each of which is also the built-in exception that fits.

The text is the C++ message: it names the place, the field, the value and what is accepted. `except ValueError` and
`except ranvier.Error` both work.
"""

from __future__ import annotations


class Error(Exception):
    """Anything that Ranvier refuses or cannot do; `kind` is the word that the command line's exit code goes by."""

    kind = "error"


class UsageError(Error, TypeError):
    """A call of the wrong form: a value of a type that has no counterpart, a closed simulation."""

    kind = "usage"


class ParseError(Error, ValueError):
    """A document or a part of one of the wrong form: a missing, unknown or misplaced field."""

    kind = "parse"


class RangeError(Error, ValueError):
    """A value of the right form that is not accepted: out of range, an unknown name, a wrong length."""

    kind = "range"


class UnsupportedError(Error, NotImplementedError):
    """Something that this version cannot do."""

    kind = "unsupported"


class CapacityError(Error, MemoryError):
    """More than the machine or the format holds."""

    kind = "capacity"


class IoError(Error, OSError):
    """A file that cannot be read or written."""

    kind = "io"


class InternalError(Error, RuntimeError):
    """A mistake of Ranvier's own; please report it."""

    kind = "internal"


#: By the order of the C++ enumeration (core/error.h).
BY_KIND = (
    UsageError,
    ParseError,
    RangeError,
    UnsupportedError,
    CapacityError,
    IoError,
    InternalError,
)
