# trial: in the reactor of the test, two ranges at once on two connections. Run it with: trial test_parallel
import treq
from twisted.internet import reactor
from twisted.internet.defer import gatherResults, inlineCallbacks
from twisted.trial.unittest import TestCase

from fakefiles.testing import listen


class ParallelTest(TestCase):
    @inlineCallbacks
    def test_two_halves(self):
        server = yield listen(reactor, content="ruler")
        self.addCleanup(server.stop)
        url = server.url_for("32")
        asked = [treq.get(url, headers={"Range": part}, persistent=False) for part in ("bytes=0-15", "bytes=16-")]
        responses = yield gatherResults(asked)
        halves = yield gatherResults([response.content() for response in responses])
        self.assertEqual(b"".join(halves), b"000000000000000\n000000000000010\n")
        self.assertEqual(server.connections(), 2)
        server.assert_ranges(url, [(0, 16), (16, 32)])
