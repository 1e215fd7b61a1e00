-- The statements of the earlier release, in an order in which each finds what it needs. Before each
-- stands how many rows it changes or returns.

-- rows: 1
INSERT INTO signet.accounts (id, email, email_key, email_verified, name, roles, status, epoch, password_hash, created_at)
    VALUES ('0a000000-0000-0000-0000-000000000001', 'Old@example.com', 'old@example.com', true, 'Countess', ARRAY['admin'], 0, 1, '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA', 1700000000000) ON CONFLICT (email_key) DO NOTHING;

-- rows: 0
INSERT INTO signet.accounts (id, email, email_key, email_verified, name, roles, status, epoch, password_hash, created_at)
    VALUES ('0a000000-0000-0000-0000-000000000002', 'OLD@example.com', 'old@example.com', false, NULL, ARRAY['admin'], 0, 1, '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA', 1700000000000) ON CONFLICT (email_key) DO NOTHING;

-- rows: 1
INSERT INTO signet.accounts (id, email, email_key, email_verified, name, roles, status, epoch, password_hash, created_at)
    VALUES ('0a000000-0000-0000-0000-000000000002', 'Other@example.com', 'other@example.com', false, NULL, ARRAY['admin'], 0, 1, '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA', 1700000000000) ON CONFLICT (email_key) DO NOTHING;

-- rows: 1
SELECT id, email, email_verified, name, roles, status, epoch, password_hash, created_at, kept_session, kept_since FROM signet.accounts WHERE id = '0a000000-0000-0000-0000-000000000001';

-- rows: 1
SELECT id, email, email_verified, name, roles, status, epoch, password_hash, created_at, kept_session, kept_since FROM signet.accounts WHERE email_key = 'old@example.com';

-- rows: 2
SELECT id, email, email_verified, name, roles, status, epoch, password_hash, created_at, kept_session, kept_since FROM signet.accounts WHERE id > '0a000000-0000-0000-0000-000000000000' ORDER BY id LIMIT 2;

-- rows: 1
WITH changed AS (UPDATE signet.accounts SET password_hash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA', epoch = 2, kept_session = '\x5d000000000000000000000000000001'::bytea, kept_since = 2
    WHERE id = '0a000000-0000-0000-0000-000000000001' AND epoch = 1 RETURNING id)
    INSERT INTO signet.pending_endings AS pending (account, before) SELECT id, 2 FROM changed
    ON CONFLICT (account) DO UPDATE SET before = greatest(pending.before, excluded.before);

-- rows: 1
WITH changed AS (UPDATE signet.accounts SET epoch = 3, kept_session = NULL, kept_since = NULL WHERE id = '0a000000-0000-0000-0000-000000000001' AND epoch = 2 RETURNING id)
    INSERT INTO signet.pending_endings AS pending (account, before) SELECT id, 3 FROM changed
    ON CONFLICT (account) DO UPDATE SET before = greatest(pending.before, excluded.before);

-- rows: 1
WITH changed AS (UPDATE signet.accounts SET status = 1, epoch = 4, kept_session = NULL, kept_since = NULL
    WHERE id = '0a000000-0000-0000-0000-000000000001' AND epoch = 3 RETURNING id)
    INSERT INTO signet.pending_endings AS pending (account, before) SELECT id, 4 FROM changed
    ON CONFLICT (account) DO UPDATE SET before = greatest(pending.before, excluded.before);

-- rows: 1
WITH changed AS (DELETE FROM signet.accounts WHERE id = '0a000000-0000-0000-0000-000000000002' AND epoch = 1 RETURNING id)
    INSERT INTO signet.pending_endings AS pending (account, before) SELECT id, 2 FROM changed
    ON CONFLICT (account) DO UPDATE SET before = greatest(pending.before, excluded.before);

-- rows: 1
UPDATE signet.accounts SET password_hash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA' WHERE id = '0a000000-0000-0000-0000-000000000001' AND password_hash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA';

-- rows: 2
SELECT account, before, kept_session, kept_since
    FROM signet.pending_endings LEFT JOIN signet.accounts ON id = account ORDER BY seq LIMIT 10;

-- rows: 1
DELETE FROM signet.pending_endings WHERE account = '0a000000-0000-0000-0000-000000000001' AND before <= 4;

-- rows: 1
INSERT INTO signet.clients (id, version, record) VALUES ('orders', 0, '{}') ON CONFLICT (id) DO NOTHING;

-- rows: 1
SELECT id, version, record FROM signet.clients WHERE id = 'orders';

-- rows: 1
SELECT id, version, record FROM signet.clients WHERE id > '' ORDER BY id LIMIT 10;

-- rows: 1
UPDATE signet.clients SET version = 1, record = '{}' WHERE id = 'orders' AND version = 1 - 1;

-- rows: 1
DELETE FROM signet.clients WHERE id = 'orders';
