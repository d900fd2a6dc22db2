"""What every test shares: the Hypothesis profile, and servers of this machine when one is asked for."""

import os
import signal

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.servers", "tests.secured", "tests.sites", "tests.limiting", "tests.chance"]

# No deadline per example: a shared build machine pauses, and a pause is not a failure. Not derandomised:
# every run looks at new cases, and a failing one prints the blob that repeats it.
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# Many more cases, for an overnight search: HYPOTHESIS_PROFILE=thorough make test
settings.register_profile("thorough", settings.get_profile("ci"), max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# Who is started in a shell's background ignores Ctrl-C, and so would every command that a test starts.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
