# unittest: a server that is overloaded once says when to come again. Run it with: python -m unittest test_retry
import time
import unittest
from contextlib import ExitStack
from urllib.error import HTTPError
from urllib.request import urlopen

from fakefiles.testing import running


def patient_get(url):
    try:
        return urlopen(url, timeout=10).read()
    except HTTPError as error:
        with error:
            time.sleep(int(error.headers["Retry-After"]))
        return urlopen(url, timeout=10).read()


class RetryTest(unittest.TestCase):
    def setUp(self):
        stack = ExitStack()
        self.addCleanup(stack.close)
        self.server = stack.enter_context(running())

    def test_retry(self):
        url = self.server.url_for(10, status=503, retry_after=1, fail=1)
        self.assertEqual(patient_get(url), b"1" * 10)
        first, second = self.server.requests
        self.assertEqual([first.status, second.status], [503, 200])
        self.assertGreaterEqual(second.started - first.started, 1)
