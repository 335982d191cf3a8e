"""How a command ends: its exit code, and what it says of an error. Codes are stable; scripts may lean on them.

0 done · 1 a file or the output cannot be written · 2 wrong usage, or a study that is refused · 3 the study failed, or
ended without a result · 4 it had not ended in time · 5 no answer from the server, or none that it gives us ·
130 interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from regtune.cli.output import note
from regtune.errors import FieldError, InvalidStudy, RegtuneError

UNWRITABLE, REFUSED, FAILED, TIMED_OUT, UNREACHABLE, INTERRUPTED = 1, 2, 3, 4, 5, 130

_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _SERVER_ERRORS = 401, 403, 429, 500


def exit_code(run: Callable[[], object]) -> int:
    """Run a command; errors go to standard error, one line each with those of a document below them."""
    try:
        run()
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        note(f"regtune: {error.filename or 'what is printed'} cannot be written: {error.strerror or error}")
        return UNWRITABLE
    except RegtuneError as error:
        for line in _lines(error):
            note(line)
        return _code_of(error)
    return 0


def _code_of(error: RegtuneError) -> int:
    # Here, so that a command which asks no server does not load the client.
    from regtune.client.errors import ProblemError, ServerUnreachable, StudyTimeout

    match error:
        case StudyTimeout():
            return TIMED_OUT
        case ServerUnreachable():
            return UNREACHABLE
        case ProblemError(status=status) if status in (_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY):
            return UNREACHABLE
        case ProblemError(status=status) if status >= _SERVER_ERRORS:
            return UNREACHABLE
    return REFUSED


def _lines(error: RegtuneError) -> Iterator[str]:
    faults: tuple[FieldError, ...] = getattr(error, "errors", ())
    if isinstance(error, InvalidStudy):
        yield "regtune: the study is refused"
    elif faults:
        yield "regtune: the server refuses this"
    else:
        yield f"regtune: {error}"
    for fault in faults:
        yield f"  {fault.pointer or '/'}: {fault.message}"
    if getattr(error, "status", None) == _UNAUTHORIZED:
        yield "  REGTUNE_KEY holds the key that is shown to the server"
