"""A town that asks questions, in two languages."""

import pytest

from livelihood.catalogue import CatalogueVersion
from livelihood.catalogue_reading import parse_catalogue
from livelihood.promises import Catalogue

CATALOGUE = """
version = "open311"
time_zone = "America/Chicago"
title = {en = "Our town", zh = "我们的小镇"}

[departments]
works = {title = {en = "Public Works", zh = "公共工程局"}}

[standards]
pothole = {resolution = "2 working_days"}

[commitments]
streets = {title = "Streets", services = ["pothole"], target = 0.9}

[services.pothole]
title = {en = "Pothole", zh = "路面坑洞"}
department = "works"
category = "streets"
standard = "pothole"
description = {en = "A hole in the road", zh = "道路上的坑洞"}
keywords = ["road", "hole"]
notice = {en = "A crew fills it.", zh = "维修队前往修补。"}

[[services.pothole.attributes]]
code = "depth"
question = {en = "How deep is it?", zh = "有多深？"}
datatype = "singlevaluelist"
required = true
values = {shallow = {en = "A hand", zh = "一掌"}, deep = "Deeper"}

[[services.pothole.attributes]]
code = "lanes"
question = "How many lanes?"
datatype = "number"
hint = "as 2"

[services.lamp]
title = "Street light out"
department = "works"
reply = "batch"

[services.rumour]
title = "Something heard"
department = "works"
reply = "blackbox"

[services.noise]
title = "Noise at night"
department = "works"
listed = false
"""


@pytest.fixture(scope="session")
def version() -> CatalogueVersion:
    return parse_catalogue(CATALOGUE)


@pytest.fixture(scope="session")
def catalogue(version: CatalogueVersion) -> Catalogue:
    return Catalogue([version])
