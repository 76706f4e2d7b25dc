"""What may go wrong with a step: failures, and the exceptions with which they end a step."""

from dataclasses import dataclass
from enum import Enum, auto

from .limits import TIME_LIMITS, Limits


class FailureKind(Enum):
    """What went wrong with a step. Outcomes depend on this, never on the message."""

    LIMIT = auto()
    """A limit was exceeded."""
    CRASH = auto()
    """The student's process ended, or stopped following the protocol."""
    NOT_RUN = auto()
    """No process was left for this step, or none could be started."""


@dataclass(frozen=True)
class Failure:
    """What went wrong with a step. `Session` sets the last two fields."""

    kind: FailureKind
    message: str  # one sentence for the instructor and the student
    # The field of `Limits` that was exceeded. For a step that was not run, the limit that ended its process.
    limit_hit: str | None = None
    ended_process: bool = False  # whether the step ended the process
    is_contained: bool = False  # whether the other cells were then run again in a new process

    @classmethod
    def of_limit(cls, limits: Limits, name: str) -> "Failure":
        """The failure of a step that exceeded the limit with this name."""
        return cls(FailureKind.LIMIT, limits.message(name), name)

    @property
    def is_timeout(self) -> bool:
        """Whether a limit on wall or CPU time was exceeded: by the step, or by the one that ended its process."""
        return self.limit_hit in TIME_LIMITS


class StepAborted(Exception):
    """A step did not finish. Unless it is a `ProcessLost`, no further step can be run. `failure` describes why."""

    def __init__(self, failure: Failure):
        super().__init__(failure.message)
        self.failure = failure


class ProcessLost(StepAborted):
    """The student's process has ended. Other steps may be run in another process."""
