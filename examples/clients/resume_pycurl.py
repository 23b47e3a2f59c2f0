# Resumes a download with libcurl through pycurl: python resume_pycurl.py URL FILE
import sys
from pathlib import Path

import pycurl

url, path = sys.argv[1], Path(sys.argv[2])
curl = pycurl.Curl()
curl.setopt(pycurl.URL, url)
curl.setopt(pycurl.FOLLOWLOCATION, True)
curl.setopt(pycurl.FAILONERROR, True)
curl.setopt(pycurl.LOW_SPEED_LIMIT, 100)
curl.setopt(pycurl.LOW_SPEED_TIME, 3)
have = path.stat().st_size if path.exists() else 0
curl.setopt(pycurl.RESUME_FROM_LARGE, have)
with path.open("ab" if have else "wb") as file:
    curl.setopt(pycurl.WRITEDATA, file)
    try:
        curl.perform()
    except pycurl.error as error:
        sys.exit(str(error))
