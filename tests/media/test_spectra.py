"""Two processes that need librosa at once leave a cache that works."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def test_librosa_is_compiled_by_one_process_at_a_time(tmp_path):
    """Each has the same empty cache; without the lock about every other round ends with a crash."""
    pytest.importorskip("librosa", reason="needs the extra video")
    code = "from va_space.media.spectra import check_librosa; check_librosa(); import librosa.beat"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    both = [subprocess.Popen([sys.executable, "-c", code], env=environment) for _ in range(2)]
    assert [each.wait() for each in both] == [0, 0]
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
