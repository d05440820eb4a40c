-- Accounts. Truth values are 0 and 1.

ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'learner'
    CHECK (role IN ('learner', 'author', 'operator', 'admin'));
ALTER TABLE users ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
-- In lower case. Held by one user at a time.
ALTER TABLE users ADD COLUMN email TEXT;
ALTER TABLE users ADD COLUMN email_verified_at_us BIGINT;
-- A PHC string of Argon2id.
ALTER TABLE users ADD COLUMN password_hash TEXT;
-- Sessions of an older epoch have ended: counts up with a new password, a suspension, "sign out everywhere".
ALTER TABLE users ADD COLUMN auth_epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN suspended_at_us BIGINT;
ALTER TABLE users ADD COLUMN plan TEXT;
ALTER TABLE users ADD COLUMN preferences TEXT NOT NULL DEFAULT '{}';
ALTER TABLE users ADD COLUMN preferences_version BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX users_by_email ON users (email);

ALTER TABLE sessions ADD COLUMN auth_epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN last_seen_at_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';

-- Links sent by mail. Single use: the row goes when the link is used.
CREATE TABLE mail_tokens (
    token_hash TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL CHECK (purpose IN ('verify', 'reset')),
    email TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL
);
CREATE INDEX mail_tokens_by_user ON mail_tokens (user_id, purpose, created_at_us);
CREATE INDEX mail_tokens_by_expiry ON mail_tokens (expires_at_us);

CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- The last four characters.
    hint TEXT NOT NULL,
    -- Names, with a space between them.
    scopes TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL,
    last_used_at_us BIGINT
);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id, created_at_us);

-- Who signs in elsewhere: (issuer, subject) is the person, never the e-mail address.
CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at_us BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_by_user ON identities (user_id);

-- Failed attempts, by a hash of what was attempted.
CREATE TABLE throttles (
    key TEXT PRIMARY KEY NOT NULL,
    failures BIGINT NOT NULL,
    last_at_us BIGINT NOT NULL
);
CREATE INDEX throttles_by_time ON throttles (last_at_us);

-- Append only. Each row's hash covers the one before it.
CREATE TABLE audit (
    seq BIGINT PRIMARY KEY NOT NULL,
    at_us BIGINT NOT NULL,
    -- No reference: the record outlives the account.
    actor_id TEXT,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    request_id TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX audit_by_actor ON audit (actor_id, seq);
CREATE INDEX audit_by_object ON audit (object, seq);
-- The end of the chain: one row, locked while a link is added.
CREATE TABLE audit_head (
    one BIGINT PRIMARY KEY NOT NULL CHECK (one = 1),
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, '');
