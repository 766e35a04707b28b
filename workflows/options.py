"""Every timeout and retry policy, named by what it is for."""

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig, LocalActivityConfig

from domain.checkout import TRIED_FOR

# Most faults pass within a second, so the first attempts follow each other closely; the later ones
# are eight seconds apart, so that orders go on within ten seconds of an outage's end, however long
# it was. (At thirty, orders under `make chaos` waited for that longer than for anything else.)
_BACKOFF = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(seconds=8),
)

# A worker that was killed, or stands still, is missed after this long, whatever it was doing: an
# attempt tells each second that it is alive (`activities/interceptor.py`), of which the SDK passes
# on one in four seconds. Without it, start_to_close would have to be over. A workflow's own task,
# which takes milliseconds but for what it tries at once, has this long instead of Temporal's 10 s.
MISSED_AFTER = timedelta(seconds=5)

# A few statements, of which PostgreSQL gives each 5 s, after 2 s for a
# connection.
DATABASE_ROW_FOR_BUYER = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=8),
    heartbeat_timeout=MISSED_AFTER,
    schedule_to_close_timeout=TRIED_FOR,
    retry_policy=_BACKOFF,
)

# The same inside a workflow's own task, which has 5 s: one try, then as above.
DATABASE_ROW_AT_ONCE = LocalActivityConfig(
    start_to_close_timeout=timedelta(seconds=3), retry_policy=RetryPolicy(maximum_attempts=1)
)

# One call to a vendor or a few, 10 s at most all together, and a few statements.
VENDOR_CALL_FOR_BUYER = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=12),
    heartbeat_timeout=MISSED_AFTER,
    schedule_to_close_timeout=TRIED_FOR,
    retry_policy=_BACKOFF,
)

# A letter to a mail server that may take its time over it, or be away: the order does not wait for
# it. After a day an operator is told.
MAIL_WITHIN_A_DAY = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=50),
    heartbeat_timeout=MISSED_AFTER,
    schedule_to_close_timeout=timedelta(days=1),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(seconds=1),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(minutes=10),
    ),
)

# From here on money may have moved: these are tried until they succeed or say no.
DATABASE_ROW_MUST_SUCCEED = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=8),
    heartbeat_timeout=MISSED_AFTER,
    retry_policy=_BACKOFF,
)
VENDOR_CALL_MUST_SUCCEED = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=12),
    heartbeat_timeout=MISSED_AFTER,
    retry_policy=_BACKOFF,
)
# Several calls to Stripe, one after the other, each of which may take its 10 s.
VENDOR_CALLS_MUST_SUCCEED = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=45),
    heartbeat_timeout=MISSED_AFTER,
    retry_policy=_BACKOFF,
)

# Page after page of Stripe's lists, each told by a heartbeat: a page, and what is done with it, is
# a few calls and statements. The next sweep is never far, so one that Stripe cannot answer is given
# up.
SWEEP = ActivityConfig(
    start_to_close_timeout=timedelta(minutes=20),
    schedule_to_close_timeout=timedelta(hours=1),
    heartbeat_timeout=timedelta(seconds=45),
    retry_policy=_BACKOFF,
)

# Without news, Stripe is asked about an open session after each of these, then at its expiry: soon
# at first, when most buyers pay, and ever more rarely, since a lost webhook is rare already.
CHECK_INTERVALS = (
    timedelta(minutes=2),
    timedelta(minutes=8),
    timedelta(minutes=30),
    timedelta(hours=2),
)
# How long after a session's time is up Stripe is asked for its final word, and asked again.
EXPIRY_SLACK = timedelta(seconds=10)
# How often Stripe is asked about money on its way: bank debits take days, and their webhooks tell.
SETTLING_CHECK = timedelta(hours=12)
# How often a held order is looked at again, should nobody have asked for it: what held it may have
# been mended without a word, and a look costs a call or two.
HELD_CHECK = timedelta(hours=6)
