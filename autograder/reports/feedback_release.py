"""Release feedback through nbgrader's exchange.

``nbgrader release_feedback``, Formgrader's button and `watch` use `FeedbackReleaser`, which `nbgrader_config.py` names.
"""

import glob
import os
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback

from .feedback_page import EXCHANGE_FILES


class FeedbackReleaser(ExchangeReleaseFeedback):
    """Releases the pages of submissions that came through the exchange.

    nbgrader's own class stops at the first page of another submission.
    """

    src_path: str

    def copy_files(self) -> None:
        """Copy the pages into the exchange."""
        folders = {Path(page).parent for page in glob.glob(os.path.join(self.src_path, "*.html"))}
        for folder in sorted(folders):
            if all((folder / name).is_file() for name in EXCHANGE_FILES):
                self.src_path = glob.escape(str(folder))
                super().copy_files()
            else:
                reason = "the submission did not come through the exchange"
                self.log.warning("%s: not released, because %s", folder.parent.name, reason)
