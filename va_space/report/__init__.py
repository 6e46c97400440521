"""What a search found, as one page: pictures, players, the plane of feeling and tables that sort.

The page is one file that needs no network: pictures are embedded scaled down, and of each track the passage
that was found is embedded as a small mp3. Titles and names come from strangers' files: they are escaped, and
the page allows no script but its own.
"""

from va_space.report.answer import Answer, make_answer
from va_space.report.write import write_report

__all__ = ["Answer", "make_answer", "write_report"]
