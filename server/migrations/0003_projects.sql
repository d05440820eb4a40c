-- Contents, by SHA-256: what is the same is kept once.
CREATE TABLE blobs (
    hash TEXT PRIMARY KEY NOT NULL,
    size_bytes BIGINT NOT NULL,
    created_at_us BIGINT NOT NULL,
    bytes BYTEA NOT NULL
);
CREATE INDEX blobs_by_time ON blobs (created_at_us);

CREATE TABLE groups (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('organization', 'course', 'team')),
    name TEXT NOT NULL,
    -- Who has it may join; NULL: nobody may.
    join_code TEXT UNIQUE,
    -- Members see each other under made-up names.
    pseudonyms BIGINT NOT NULL,
    -- Plan of its members, where it is better than their own.
    plan TEXT,
    -- Results of members that are older are deleted; NULL: never.
    retention_days BIGINT,
    version BIGINT NOT NULL,
    created_at_us BIGINT NOT NULL
);

CREATE TABLE members (
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('member', 'instructor', 'owner')),
    -- What the group's instructors call the person; empty: the display name.
    label TEXT NOT NULL,
    pseudonym TEXT NOT NULL,
    joined_at_us BIGINT NOT NULL,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX members_by_user ON members (user_id, joined_at_us);

CREATE TABLE projects (
    id TEXT PRIMARY KEY NOT NULL,
    owner_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at_us BIGINT NOT NULL,
    updated_at_us BIGINT NOT NULL,
    trashed_at_us BIGINT,
    version BIGINT NOT NULL,
    visibility TEXT NOT NULL CHECK (visibility IN ('private', 'link', 'public')),
    -- For those who come by the link or to a public project.
    access TEXT NOT NULL CHECK (access IN ('read', 'copy', 'edit')),
    link TEXT UNIQUE,
    origin_id TEXT,
    origin_version BIGINT,
    circuits BIGINT NOT NULL,
    -- All versions and results of this project, what it shares with others included.
    stored_bytes BIGINT NOT NULL,
    name TEXT NOT NULL,
    -- With a line break between them.
    tags TEXT NOT NULL,
    -- Name and tags in lower case, for search.
    search TEXT NOT NULL
);
CREATE INDEX projects_by_owner ON projects (owner_id, updated_at_us, id);
CREATE INDEX projects_public ON projects (visibility, updated_at_us, id);
CREATE INDEX projects_by_trash ON projects (trashed_at_us);

CREATE TABLE project_versions (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    manifest_hash TEXT NOT NULL REFERENCES blobs (hash),
    label TEXT NOT NULL,
    -- No reference: the version outlives its author's account.
    author_id TEXT,
    created_at_us BIGINT NOT NULL,
    PRIMARY KEY (project_id, version)
);
CREATE INDEX project_versions_by_manifest ON project_versions (manifest_hash);

-- Which contents a project needs: what none needs any more is swept.
CREATE TABLE project_blobs (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    hash TEXT NOT NULL REFERENCES blobs (hash),
    PRIMARY KEY (project_id, hash)
);
CREATE INDEX project_blobs_by_hash ON project_blobs (hash);

CREATE TABLE grants (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    group_id TEXT REFERENCES groups (id) ON DELETE CASCADE,
    access TEXT NOT NULL CHECK (access IN ('read', 'copy', 'edit')),
    CHECK ((user_id IS NULL) <> (group_id IS NULL)),
    UNIQUE (project_id, user_id),
    UNIQUE (project_id, group_id)
);
CREATE INDEX grants_by_user ON grants (user_id);
CREATE INDEX grants_by_group ON grants (group_id);

CREATE TABLE runs (
    id TEXT PRIMARY KEY NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    created_at_us BIGINT NOT NULL,
    circuit_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    -- 64 bits, the sign bit included.
    seed BIGINT NOT NULL,
    shots BIGINT NOT NULL,
    backend TEXT NOT NULL,
    repeatable BIGINT NOT NULL,
    result_hash TEXT NOT NULL REFERENCES blobs (hash),
    -- The rest, without the result: JSON.
    record TEXT NOT NULL
);
CREATE INDEX runs_by_project ON runs (project_id, id);
CREATE INDEX runs_by_result ON runs (result_hash);

-- Answers to requests that name themselves, so that one that is sent again is not done again.
CREATE TABLE idempotency (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    object_id TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_by_time ON idempotency (created_at_us);
