"""Makes `twistd fakefiles` and `twist fakefiles` known; listing plugins imports nothing of fakefiles."""

from twisted.application.service import ServiceMaker

fakefiles = ServiceMaker(
    "fakefiles", "fakefiles.daemon.tap", "Serve files that do not exist, for tests of download clients.", "fakefiles"
)
