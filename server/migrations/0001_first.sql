-- Times are microseconds since 1970-01-01 UTC. Ids are UUIDs version 7 as text.

CREATE TABLE users (
    id TEXT PRIMARY KEY NOT NULL,
    -- A guest is a user without credentials, made at the first save.
    kind TEXT NOT NULL CHECK (kind IN ('guest', 'user')),
    created_at_us BIGINT NOT NULL
);

CREATE TABLE sessions (
    -- SHA-256 of the id in the cookie, hexadecimal: what leaks from here signs nobody in.
    id_hash TEXT PRIMARY KEY NOT NULL,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    created_at_us BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL,
    data TEXT NOT NULL
);

CREATE INDEX sessions_by_expiry ON sessions (expires_at_us);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE circuits (
    id TEXT PRIMARY KEY NOT NULL,
    owner_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at_us BIGINT NOT NULL,
    updated_at_us BIGINT NOT NULL,
    version BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    language TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Last: a list does not read past the name into the pages that hold the text.
    text TEXT NOT NULL
);

CREATE INDEX circuits_by_owner ON circuits (owner_id, updated_at_us, size_bytes);
