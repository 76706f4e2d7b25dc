"""Release feedback through nbgrader's exchange.

``nbgrader release_feedback``, Formgrader's button and `watch` use `FeedbackReleaser`, which `nbgrader_config.py` names.
"""

import glob
import os
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback

from .feedback_page import EXCHANGE_FILES


class FeedbackReleaser(ExchangeReleaseFeedback):
    """Releases the pages of submissions that came through the exchange. nbgrader's own class fails at any other."""

    def copy_files(self) -> None:
        """Copy the pages into the exchange."""
        folders = {Path(page).parent for page in glob.glob(os.path.join(self.src_path, "*.html"))}
        other_ways = sorted(
            folder.parent.name for folder in folders if not all((folder / name).is_file() for name in EXCHANGE_FILES)
        )
        for student in other_ways:
            self.log.warning("%s: not released, because the submission did not come through the exchange", student)
        excluded = [self.coursedir.student_id_exclude, *other_ways]
        self.coursedir.student_id_exclude = ",".join(filter(None, excluded))
        super().copy_files()
