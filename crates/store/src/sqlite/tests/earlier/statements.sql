-- The statements of the earlier release, in an order in which each finds what it needs. Before each
-- stands how many rows it changes or returns.

-- rows: 1
INSERT INTO accounts (id, email, email_key, email_verified, name, roles, status, epoch, password_hash, created_at)
    VALUES (x'0a000000000000000000000000000001', 'Old@example.com', 'old@example.com', 1, 'Countess', 'admin', 0, 1, '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA', 1700000000000) ON CONFLICT (email_key) DO NOTHING;

-- rows: 0
INSERT INTO accounts (id, email, email_key, email_verified, name, roles, status, epoch, password_hash, created_at)
    VALUES (x'0a000000000000000000000000000002', 'OLD@example.com', 'old@example.com', 0, NULL, 'admin', 0, 1, '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA', 1700000000000) ON CONFLICT (email_key) DO NOTHING;

-- rows: 1
INSERT INTO accounts (id, email, email_key, email_verified, name, roles, status, epoch, password_hash, created_at)
    VALUES (x'0a000000000000000000000000000002', 'Other@example.com', 'other@example.com', 0, NULL, 'admin', 0, 1, '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA', 1700000000000) ON CONFLICT (email_key) DO NOTHING;

-- rows: 1
SELECT id, email, email_verified, name, roles, status, epoch, password_hash, created_at, kept_session, kept_since FROM accounts WHERE id = x'0a000000000000000000000000000001';

-- rows: 1
SELECT id, email, email_verified, name, roles, status, epoch, password_hash, created_at, kept_session, kept_since FROM accounts WHERE email_key = 'old@example.com';

-- rows: 2
SELECT id, email, email_verified, name, roles, status, epoch, password_hash, created_at, kept_session, kept_since FROM accounts WHERE id > x'0a00' ORDER BY id LIMIT 2;

-- rows: 1
UPDATE accounts SET password_hash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA', epoch = 2, kept_session = x'5d000000000000000000000000000001', kept_since = 2
    WHERE id = x'0a000000000000000000000000000001' AND epoch = 1;

-- rows: 1
INSERT INTO pending_endings (account, before) VALUES (x'0a000000000000000000000000000001', 2)
    ON CONFLICT (account) DO UPDATE SET before = max(before, excluded.before);

-- rows: 1
UPDATE accounts SET epoch = 3, kept_session = NULL, kept_since = NULL WHERE id = x'0a000000000000000000000000000001' AND epoch = 2;

-- rows: 1
INSERT INTO pending_endings (account, before) VALUES (x'0a000000000000000000000000000001', 3)
    ON CONFLICT (account) DO UPDATE SET before = max(before, excluded.before);

-- rows: 1
UPDATE accounts SET status = 1, epoch = 4, kept_session = NULL, kept_since = NULL
    WHERE id = x'0a000000000000000000000000000001' AND epoch = 3;

-- rows: 1
INSERT INTO pending_endings (account, before) VALUES (x'0a000000000000000000000000000001', 4)
    ON CONFLICT (account) DO UPDATE SET before = max(before, excluded.before);

-- rows: 1
DELETE FROM accounts WHERE id = x'0a000000000000000000000000000002' AND epoch = 1;

-- rows: 1
INSERT INTO pending_endings (account, before) VALUES (x'0a000000000000000000000000000002', 2)
    ON CONFLICT (account) DO UPDATE SET before = max(before, excluded.before);

-- rows: 1
UPDATE accounts SET password_hash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA' WHERE id = x'0a000000000000000000000000000001' AND password_hash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA';

-- rows: 2
SELECT account, before, kept_session, kept_since
    FROM pending_endings LEFT JOIN accounts ON id = account ORDER BY seq LIMIT 10;

-- rows: 1
DELETE FROM pending_endings WHERE account = x'0a000000000000000000000000000001' AND before <= 4;

-- rows: 1
INSERT INTO clients (id, version, record) VALUES ('orders', 0, '{}') ON CONFLICT (id) DO NOTHING;

-- rows: 1
SELECT id, version, record FROM clients WHERE id = 'orders';

-- rows: 1
SELECT id, version, record FROM clients WHERE id > '' ORDER BY id LIMIT 10;

-- rows: 1
UPDATE clients SET version = 1, record = '{}' WHERE id = 'orders' AND version = 1 - 1;

-- rows: 1
DELETE FROM clients WHERE id = 'orders';

-- rows: 1
INSERT INTO sessions (account, sid, version, epoch, created_at, expires_at, record)
    VALUES (x'0a000000000000000000000000000001', x'5d000000000000000000000000000001', 0, 1, 1700000000000, 1700000009000, x'00');

-- rows: 1
INSERT INTO sessions (account, sid, version, epoch, created_at, expires_at, record)
    VALUES (x'0a000000000000000000000000000001', x'5d000000000000000000000000000002', 0, 1, 1700000000000, 1700000009000, x'00');

-- rows: 1
SELECT sid, version, record FROM sessions WHERE account = x'0a000000000000000000000000000001' AND sid = x'5d000000000000000000000000000001';

-- rows: 1
UPDATE sessions SET version = 1, epoch = 1, expires_at = 1700000010000, record = x'01'
    WHERE account = x'0a000000000000000000000000000001' AND sid = x'5d000000000000000000000000000001' AND version = 1 - 1;

-- rows: 2
SELECT sid, epoch FROM sessions WHERE account = x'0a000000000000000000000000000001' AND epoch < 2;

-- rows: 2
SELECT sid, version, record FROM sessions WHERE account = x'0a000000000000000000000000000001' AND expires_at > 1700000000001
    ORDER BY created_at DESC, sid;

-- rows: 1
SELECT sid FROM sessions WHERE account = x'0a000000000000000000000000000001' AND sid <> x'5d000000000000000000000000000001' AND expires_at > 1700000000001
    ORDER BY created_at DESC, sid LIMIT -1 OFFSET 0;

-- rows: 2
SELECT account, sid, expires_at FROM sessions WHERE (account, sid) > (x'00', x'00')
    ORDER BY account, sid LIMIT 10;

-- rows: 1
DELETE FROM sessions WHERE account = x'0a000000000000000000000000000001' AND sid = x'5d000000000000000000000000000002' AND expires_at <= 1700000009000;

-- rows: 1
DELETE FROM sessions WHERE account = x'0a000000000000000000000000000001' AND sid = x'5d000000000000000000000000000001';

-- rows: 1
INSERT INTO denials (key, issued_until, until) VALUES (x'0101', 1700000000000, 1700000009000)
    ON CONFLICT (key) DO UPDATE SET issued_until = max(issued_until, excluded.issued_until),
                                    until = max(until, excluded.until);

-- rows: 1
SELECT EXISTS (
        SELECT 1 FROM denials WHERE key IN (x'0101', x'02', x'03', x'04') AND until > 1700000000000 AND issued_until >= 1700000000000);

-- rows: 1
DELETE FROM denials WHERE key IN (SELECT key FROM denials WHERE until <= 1700000009000 ORDER BY until LIMIT 10);

-- rows: 1
INSERT INTO one_time_values (value, until) VALUES (x'07', 1700000000000)
    ON CONFLICT (value) DO UPDATE SET until = excluded.until WHERE until <= 1700000000001;

-- rows: 1
DELETE FROM one_time_values WHERE value IN (
        SELECT value FROM one_time_values WHERE until <= 1700000000000 ORDER BY until LIMIT 10);

-- rows: 1
INSERT INTO ring_notes (ring, generation, seen_at) VALUES ('ring', 2, 1700000000000)
    ON CONFLICT (ring) DO UPDATE SET generation = excluded.generation, seen_at = excluded.seen_at
    WHERE excluded.generation > generation;

-- rows: 1
SELECT generation, seen_at FROM ring_notes WHERE ring = 'ring';
