"""Fills a migrated database with as many orders, or beats, as a shop has after years."""

import psycopg

# Of a thousand orders; what is left over is COMPLETED.
CANCELLED, REFUNDED, FAILED, DISPUTED = 90, 20, 9, 1
# Whatever the size: orders that are on their way, and orders that are stuck.
UNDER_WAY, STUCK = 700, 25

_PRICES = """
    INSERT INTO beat_prices (beat_id, license_type, stripe_price_id, amount_minor, currency)
    SELECT id, kind, 'price_' || substr(md5(id || kind), 1, 24), amount, 'EUR'
    FROM beats, LATERAL (VALUES
        ('WAV_LEASE', (ARRAY[1999, 1999, 2499, 2999])[1 + (hashtext(id) & 3)]),
        ('TRACKOUT_LEASE', 3999), ('UNLIMITED_LEASE', 7999)
    ) AS offered (kind, amount)
"""
_WAV_PRICES = """
    UPDATE beats SET wav_minor = amount_minor FROM beat_prices
    WHERE beat_id = beats.id AND license_type = 'WAV_LEASE'
"""
_ASSETS = """
    INSERT INTO beat_assets (
        beat_id, kind, public_id, resource_type, format, size_bytes, sha256, url, verified_at
    )
    SELECT id, kind, 'beats/' || id || '/' || kind || '-0123456789abcdef', 'video', format,
        30000000, repeat('ab', 32), CASE WHEN kind IN ('preview', 'artwork')
            THEN 'https://res.cloudinary.com/shop/video/upload/beats/' || id || '/' || kind END,
        now()
    FROM beats, LATERAL (VALUES
        ('master', 'wav'), ('stems', 'zip'), ('preview', 'mp3'), ('artwork', 'png')
    ) AS had (kind, format)
    WHERE has_stems OR kind <> 'stems'
"""
# A title of two words, a description of eight, out of 4,000 made-up ones that follow Zipf's law:
# a few stand in every tenth beat, most in a handful. Every hundredth beat is yet to be released.
_BEATS = """
    WITH drawn AS (
        SELECT n, ARRAY(
            SELECT substr(translate(md5((4000 ^ random())::int::text), '0123456789', 'ghijklmnop'),
                1, 4 + (random() * 4)::int)
            FROM generate_series(1, 10 + n * 0)
        ) AS words
        FROM generate_series(1, %(size)s) n
    )
    INSERT INTO beats (
        id, owner_id, title, description, genre, bpm, key, mode, duration_seconds, tags, has_stems,
        is_exclusive, is_active, featured, scheduled_release_at, created_at
    )
    SELECT 'beat-' || n, (SELECT min(id) FROM users), initcap(array_to_string(words[1:2], ' ')),
        array_to_string(words[3:10], ' '),
        (ARRAY['Trap', 'Drill', 'House', 'Boom Bap', 'R&B', 'Afrobeats', 'Reggaeton', 'Lo-Fi',
            'Drum & Bass', 'Pop', 'Soul', 'Jersey Club'])[1 + (12 * random() ^ 2)::int %% 12],
        60 + (120 * random())::int, (ARRAY['A', 'Bb', 'B', 'C', 'C#', 'D', 'Eb', 'E', 'F', 'F#',
            'G', 'Ab'])[1 + n %% 12], (ARRAY['minor', 'major'])[1 + n %% 2],
        120 + n %% 120, ARRAY[words[5], words[6], (ARRAY['dark', 'warm', 'lo-fi'])[1 + n %% 3]],
        n %% 10 <> 0, n %% 20 = 0, n %% 50 <> 0, n %% 25 = 0,
        CASE WHEN n %% 100 = 1 THEN now() + n * interval '1 hour' END,
        now() - n * interval '10 minutes'
    FROM drawn
"""
_BUYERS = """
    INSERT INTO users (email)
    SELECT 'buyer' || n || '@example.com' FROM generate_series(1, greatest(%(size)s / 3, 1)) n
"""
# The n-th newest order. Its id is as random as a real one, so that indexes grow as theirs do.
_NUMBERED = """
    CREATE TEMPORARY TABLE numbered AS
    SELECT n, substr(translate(encode(sha256(n::text::bytea), 'hex'), '01', 'xy'), 1, 26) AS name,
        encode(sha256(('s' || n)::bytea), 'hex') AS secret,
        now() - n * (interval '730 days' / %(size)s) AS at,
        CASE WHEN n <= %(under_way)s THEN 'PENDING'
            WHEN n <= %(under_way)s + %(stuck)s THEN 'PAID'
            WHEN n <= %(under_way)s + 2 * %(stuck)s THEN 'PENDING'
            WHEN n %% 1000 < 90 THEN 'CANCELLED' WHEN n %% 1000 < 110 THEN 'REFUNDED'
            WHEN n %% 1000 < 119 THEN 'FAILED' WHEN n %% 1000 < 120 THEN 'DISPUTED'
            ELSE 'COMPLETED' END AS status,
        1 + n %% 2 AS items, 1 + (n::bigint * 7919) %% greatest(%(size)s / 3, 1) AS buyer
    FROM generate_series(1, %(size)s) n
"""
_REQUESTS = """
    INSERT INTO checkout_requests (
        order_id, kind, fingerprint, cart, success_url, cancel_url, created_at
    )
    SELECT 'ord_' || name, 'multi', secret,
        to_jsonb(array_fill(jsonb_build_object('price_id', 'price_' || left(secret, 24),
            'quantity', 1, 'license_type', 'TRACKOUT_LEASE'), ARRAY[items])),
        'https://shop.example/success?session_id={CHECKOUT_SESSION_ID}',
        'https://shop.example/cart', at
    FROM numbered
"""
_ORDERS = """
    INSERT INTO orders (
        id, kind, status, user_id, customer_email, customer_name, total_minor, refunded_minor,
        is_refunded_in_full, currency, payment_method, payment_id, paid_at, granted_at, session_id,
        session_url, session_expires_at, success_url, cancel_url, attention, attention_since,
        created_at, updated_at
    )
    SELECT 'ord_' || name, 'multi', status, users.id, email, 'A Buyer', 3999 * items,
        CASE status WHEN 'REFUNDED' THEN 3999 * items ELSE 0 END, status = 'REFUNDED', 'EUR',
        CASE WHEN paid THEN 'card' END, CASE WHEN paid THEN 'pi_' || left(secret, 24) END,
        CASE WHEN paid THEN at END, CASE WHEN paid AND status <> 'PAID' THEN at END,
        'cs_live_' || secret, 'https://checkout.stripe.com/c/pay/cs_live_' || secret
            || '#' || repeat(secret, 4), at + interval '12 hours' +
            CASE WHEN n <= %(under_way)s THEN n * interval '1 day' ELSE interval '0' END,
        'https://shop.example/success?session_id={CHECKOUT_SESSION_ID}',
        'https://shop.example/cart', CASE WHEN held THEN 'receipt_unsent' END,
        CASE WHEN held THEN at END, at, at
    FROM numbered
    JOIN users ON users.email = 'buyer' || buyer || '@example.com',
    LATERAL (SELECT status NOT IN ('PENDING', 'CANCELLED', 'FAILED') AS paid,
        status = 'COMPLETED' AND n BETWEEN 1000 AND 1000 + %(stuck)s AS held) AS told
"""
_ITEMS = """
    INSERT INTO order_items (
        id, order_id, line, beat_id, license_type, stripe_price_id, quantity, unit_minor,
        usage_rights, has_stems, created_at, updated_at
    )
    SELECT 'itm_' || name || '_' || line, 'ord_' || name, line,
        'beat-' || (1 + (n * 31 + line) %% %(beats)s), 'TRACKOUT_LEASE',
        'price_' || left(secret, 24), 1, 3999, ARRAY['Non-exclusive rights', 'Commercial use',
            'Streaming', 'Limited distribution'], true, at, at
    FROM numbered, generate_series(0, items - 1) line
"""
_EVENTS = """
    INSERT INTO order_events (order_id, type, detail, occurred_at)
    SELECT 'ord_' || name, type, detail, at
    FROM numbered, LATERAL (VALUES
        ('placed', '{"total": "79.98 EUR"}'::jsonb),
        ('session_opened', jsonb_build_object('session', 'cs_live_' || secret)),
        ('paid', jsonb_build_object('amount', '79.98 EUR', 'session', 'cs_live_' || secret)),
        ('completed', '{}'::jsonb), ('receipt_sent', '{"number": "1"}'::jsonb)
    ) AS noted (type, detail)
    WHERE status NOT IN ('PENDING', 'CANCELLED', 'FAILED') OR type IN ('placed', 'session_opened')
    ORDER BY n DESC
"""
_INBOX = """
    INSERT INTO webhook_events (
        id, type, order_id, payment_id, object_id, created_at, received_at, delivered_at, outcome
    )
    SELECT 'evt_' || left(encode(sha256(('e' || n)::bytea), 'hex'), 24),
        CASE WHEN paid THEN 'checkout.session.completed' ELSE 'checkout.session.expired' END,
        'ord_' || name, CASE WHEN paid THEN 'pi_' || left(secret, 24) END, 'cs_live_' || secret,
        at, at, at, CASE WHEN n %% 10000 = 0 THEN 'unknown_order' ELSE 'reported' END
    FROM numbered, LATERAL (SELECT status NOT IN ('CANCELLED', 'FAILED') AS paid) AS told
    WHERE status <> 'PENDING'
    ORDER BY n DESC
"""
_GRANTS = """
    INSERT INTO download_grants (order_item_id, asset, granted_at)
    SELECT 'itm_' || name || '_' || line, asset, at
    FROM numbered, generate_series(0, items - 1) line, unnest(ARRAY['master', 'stems']) asset
    WHERE status IN ('COMPLETED', 'REFUNDED', 'DISPUTED')
    ORDER BY n DESC
"""
_LINKS = """
    INSERT INTO download_links (grant_id, expires_at, issued_at)
    SELECT id, granted_at + interval '30 minutes', granted_at FROM download_grants
"""
_COUNTS = """
    INSERT INTO metrics_daily (day, type, beat_id, license_type, count)
    SELECT (now() - day * interval '1 day')::date, type, 'beat-' || beat, 'TRACKOUT_LEASE', 3
    FROM generate_series(0, 729) day, generate_series(1, least(%(beats)s, 200)) beat,
        unnest(ARRAY['add_to_cart', 'checkout_started']) type
"""


def fill_beats(url: str, size: int) -> None:
    """Publishes as many beats, each with its prices and files, into an empty database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO users (email) VALUES ('producer@example.com')")
        connection.execute("SET session_replication_role = replica")  # one copy of all prices
        for statement in (_BEATS, _PRICES, _ASSETS, _WAV_PRICES):
            connection.execute(statement, {"size": size} if "%(" in statement else None)
        connection.execute("VACUUM ANALYZE")


def fill_orders(url: str, size: int, beats: int = 1000) -> None:
    """Sells as many orders, spread over two years; each has one or two items."""
    fill_beats(url, beats)
    given = {"size": size, "beats": beats, "under_way": UNDER_WAY, "stuck": STUCK}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # the keys are sound
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET work_mem = '256MB'")
        for statement in (_BUYERS, _NUMBERED, _REQUESTS, _ORDERS, _ITEMS, _EVENTS, _INBOX):
            connection.execute(statement, given)
        for statement in (_GRANTS, _LINKS, _COUNTS):
            connection.execute(statement, given if "%(" in statement else None)
        connection.execute("VACUUM ANALYZE")
