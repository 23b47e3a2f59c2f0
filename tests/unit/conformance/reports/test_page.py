"""page.py: the page has the data, and nothing in it can end the script."""

from __future__ import annotations

import json
import re

from fakefiles.conformance.reports.as_json import as_json
from fakefiles.conformance.reports.page import page
from samples import SESSION


def test_page() -> None:
    """The data is in the page as it is; "</script>" in it does no harm; nothing is loaded from elsewhere."""
    data = as_json(SESSION)
    text = page(data)
    embedded = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert embedded
    assert json.loads(embedded[1]) == json.loads(json.dumps(data))
    outside = text.replace(embedded[1], "")
    assert not re.search(r"""(?:src|href)=["']|@import|url\(""", outside)
    assert text.count("</script>") == 2
