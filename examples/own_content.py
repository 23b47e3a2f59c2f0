# Content of your own, here numbered records, asked for in the middle of a terabyte: python own_content.py
import treq
from twisted.internet.defer import inlineCallbacks
from twisted.internet.task import react

from fakefiles.testing import listen


class Records:
    identity = "records"

    def read(self, offset, length):
        first, last = offset // 20, (offset + length - 1) // 20
        text = b"".join(b"record %012d\n" % number for number in range(first, last + 1))
        return text[offset % 20 : offset % 20 + length]


@inlineCallbacks
def main(reactor):
    server = yield listen(reactor, contents={"records": Records()})
    url = server.url_for("1t", content="records")
    response = yield treq.get(url, headers={"Range": "bytes=20000000000-20000000039"}, persistent=False)
    text = yield response.text()
    print(text, end="")
    assert text == "record 001000000000\nrecord 001000000001\n"
    yield server.stop()


react(main)
