# Virtual files beside pages of your own, in one tree of twisted.web: python under_a_tree.py
import treq
from twisted.internet.defer import inlineCallbacks
from twisted.internet.task import react
from twisted.web.resource import Resource
from twisted.web.server import Site
from twisted.web.static import Data

from fakefiles import FakeFiles


@inlineCallbacks
def main(reactor):
    root = Resource()
    root.putChild(b"", Data(b"my page", "text/plain"))
    root.putChild(b"files", FakeFiles(reactor=reactor, max_size=10 * 2**30))
    port = reactor.listenTCP(0, Site(root), interface="127.0.0.1")
    for path in ("/", "/files/10/a.bin"):
        response = yield treq.get(f"http://127.0.0.1:{port.getHost().port}{path}", persistent=False)
        text = yield response.text()
        print(path, response.code, text)
        assert response.code == 200
    yield port.stopListening()


react(main)
