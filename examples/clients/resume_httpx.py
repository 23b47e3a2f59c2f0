# Resumes a download with httpx, in the lines that everybody writes: python resume_httpx.py URL FILE
import sys
from pathlib import Path

import httpx

url, path = sys.argv[1], Path(sys.argv[2])
have = path.stat().st_size if path.exists() else 0
headers = {"Range": f"bytes={have}-"} if have else {}
with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=3) as response:
    response.raise_for_status()
    with path.open("ab" if response.status_code == 206 else "wb") as file:
        for chunk in response.iter_bytes():
            file.write(chunk)
