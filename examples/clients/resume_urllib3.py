# Resumes a download with urllib3, in the lines that everybody writes: python resume_urllib3.py URL FILE
import shutil
import sys
from pathlib import Path

import urllib3

url, path = sys.argv[1], Path(sys.argv[2])
have = path.stat().st_size if path.exists() else 0
headers = {"Range": f"bytes={have}-"} if have else {}
response = urllib3.PoolManager().request("GET", url, headers=headers, preload_content=False, timeout=3.0)
if response.status not in {200, 206}:
    sys.exit(f"status {response.status}")
with path.open("ab" if response.status == 206 else "wb") as file:
    shutil.copyfileobj(response, file)
