# Downloads a file with the code of `pip download`, without unpacking it: python fetch_pip.py URL FOLDER
import sys

from pip._internal.models.link import Link
from pip._internal.network.download import Downloader
from pip._internal.network.session import PipSession

session = PipSession(retries=2, resume_retries=3)
session.timeout = 3
print(Downloader(session, "off")(Link(sys.argv[1]), sys.argv[2]))
