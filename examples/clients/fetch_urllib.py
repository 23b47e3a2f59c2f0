# Downloads a file with urllib, in the lines that everybody writes: python fetch_urllib.py URL FILE
import shutil
import sys
from urllib.request import urlopen

with urlopen(sys.argv[1], timeout=3) as response, open(sys.argv[2], "wb") as file:
    shutil.copyfileobj(response, file)
