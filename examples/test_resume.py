# pytest: does a client resume where its download broke off, and fetch no byte twice? Run it with pytest.
from resuming_client import download


def test_resume(fakefiles, tmp_path):
    url = fakefiles.url_for("20m", name="a.iso", content="ruler", close="5m", fail=1)
    download(url, tmp_path / "a.iso")
    assert (tmp_path / "a.iso").stat().st_size == 20 * 2**20
    fakefiles.assert_resumed_at(url, 5 * 2**20)
    fakefiles.assert_complete(url)
    fakefiles.assert_no_refetch(url)
