# Resumes a download with requests, in the lines that everybody writes: python resume_requests.py URL FILE
import sys
from pathlib import Path

import requests

url, path = sys.argv[1], Path(sys.argv[2])
have = path.stat().st_size if path.exists() else 0
headers = {"Range": f"bytes={have}-"} if have else {}
with requests.get(url, headers=headers, stream=True, timeout=3) as response:
    response.raise_for_status()
    with path.open("ab" if response.status_code == 206 else "wb") as file:
        for chunk in response.iter_content(65536):
            file.write(chunk)
