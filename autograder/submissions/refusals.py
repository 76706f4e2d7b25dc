"""Why a submission is refused, and the limits on its files."""

from enum import StrEnum

MAX_ENTRIES = 2000  # files and folders of one submission: to list 50 000 takes 2 s, and a watch looks twice a second
MAX_SUBMISSIONS = 200  # read for an assignment, of one account in the exchange, or of one student if all may share one
MAX_DEPTH = 20  # of the parts of a path within a submission, with the name of the file itself
MAX_PATH_BYTES = 1000  # so that the path of a copy is shorter than the kernel's limit


class Problem(StrEnum):
    """Why a submission is not admitted. Instructors see the values; students do on Gradescope and in notes on pages."""

    NAME = "its folder is not called STUDENT+ASSIGNMENT+TIME with a short STUDENT of letters, digits and . _ - @ +"
    OWNER = "it belongs to another account than the student whom it names"
    FOREIGN_FILE = "it contains a file of another account"
    NOT_A_FILE = "it contains a link, a pipe or a device"
    HARD_LINK = "one of its files has two names (a hard link)"
    ENTRIES = f"it contains more than {MAX_ENTRIES} files and folders"
    DEPTH = f"its folders are nested {MAX_DEPTH} deep or more, or have very long names"
    SIZE = "its files are too large (the limit is c.CourseDirectory.max_dir_size)"
    HOLES = "one of its files is sparse, which files of a submission are not"
    EMPTY = "it contains no notebook"
    UNREADABLE = "it cannot be read"
    MANY = f"its account has more than {MAX_SUBMISSIONS} submissions in the exchange: only the latest are read"
    MISDATED = "the time that it states is not the time of its files, and the student has another submission"


class Refused(Exception):
    """A submission that is not admitted."""

    def __init__(self, problem: Problem):
        super().__init__(str(problem))
        self.problem = problem
