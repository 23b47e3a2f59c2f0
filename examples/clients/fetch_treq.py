# Downloads a file with treq, in the lines of its documentation: python fetch_treq.py URL FILE
import sys

import treq
from twisted.internet.task import react


async def main(reactor, url, path):
    response = await treq.get(url, timeout=3, unbuffered=True)
    if response.code != 200:
        sys.exit(f"status {response.code}")
    with open(path, "wb") as file:
        await treq.collect(response, file.write)


react(main, sys.argv[1:3])
