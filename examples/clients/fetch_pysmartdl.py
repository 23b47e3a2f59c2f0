# Downloads a file with pySmartDL, over several connections: python fetch_pysmartdl.py URL FILE
import sys

from pySmartDL import SmartDL

download = SmartDL(sys.argv[1], sys.argv[2], progress_bar=False, threads=4, timeout=3)
download.start()
if not download.isSuccessful():
    sys.exit(str(download.get_errors()))
