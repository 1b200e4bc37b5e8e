-- The issues: the log of admitted changes (the truth), the documents (a cache of it) and the projection (the office store).
-- Only text, bigint, double and blob, so that the same statements run on SQLite and PostgreSQL. Times are Unix milliseconds.

-- One row, locked by every writer: positions are given in commit order, which a sequence does not promise.
CREATE TABLE log_position (
    id  BIGINT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL
);
INSERT INTO log_position (id, seq) VALUES (1, 0);

-- Raw changes, never deleted: everything else can be made from them.
CREATE TABLE changes (
    seq         BIGINT NOT NULL PRIMARY KEY,
    issue_id    TEXT NOT NULL,
    hash        BLOB NOT NULL UNIQUE,
    device      BIGINT NOT NULL,
    person      BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    -- Proof that the hub admitted the document with this change as its newest.
    receipt     BLOB NOT NULL,
    bytes       BLOB NOT NULL
);
CREATE INDEX changes_by_issue ON changes (issue_id);

-- What each zone's phones have to read: 'change', 'snapshot' (the issue came from another zone) or 'let_go' (it left).
CREATE TABLE stream (
    zone     BIGINT NOT NULL,
    seq      BIGINT NOT NULL,
    kind     TEXT NOT NULL,
    issue_id TEXT NOT NULL,
    PRIMARY KEY (zone, seq)
);

CREATE TABLE documents (
    issue_id    TEXT NOT NULL PRIMARY KEY,
    zone        BIGINT NOT NULL,
    number      TEXT NOT NULL,
    fingerprint BIGINT NOT NULL,
    receipt     BLOB NOT NULL,
    bytes       BLOB NOT NULL
);
CREATE INDEX documents_by_zone ON documents (zone, issue_id, fingerprint);

-- XOR of the fingerprints of a zone, so that a sync compares eight bytes and not a zone.
CREATE TABLE zone_digests (
    zone   BIGINT NOT NULL PRIMARY KEY,
    digest BIGINT NOT NULL
);

-- The last serial of the human number yyyymmdd-nnnn on each day.
CREATE TABLE numbers (
    day  TEXT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);

-- Changes that were kept but not merged. Adoptable: allowed where it was made; otherwise it is only evidence.
CREATE TABLE held (
    hash        TEXT NOT NULL PRIMARY KEY,
    issue_id    TEXT NOT NULL,
    zone        BIGINT NOT NULL,
    device      BIGINT NOT NULL,
    person      BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    reason      TEXT NOT NULL,
    content     TEXT NOT NULL,
    bytes       BLOB NOT NULL,
    adoptable   BIGINT NOT NULL,
    decided_at  BIGINT,
    decided_by  BIGINT,
    decision    TEXT
);

-- What a person was before: a change that was allowed then is held for review and not lost.
CREATE TABLE person_history (
    person BIGINT NOT NULL,
    until  BIGINT NOT NULL,
    was    TEXT NOT NULL
);
CREATE INDEX person_history_by_person ON person_history (person);

-- The projection. Plain tables for Excel, BI and SQL; `rebuild` makes them again, `verify` proves them.
CREATE TABLE issues (
    issue_id           TEXT NOT NULL PRIMARY KEY,
    number             TEXT NOT NULL,
    zone_id            BIGINT NOT NULL,
    kind               TEXT NOT NULL,
    kind_name          TEXT NOT NULL,
    place_type         TEXT NOT NULL,
    description        TEXT NOT NULL,
    address            TEXT NOT NULL,
    landmark           TEXT NOT NULL,
    latitude           DOUBLE PRECISION,
    longitude          DOUBLE PRECISION,
    accuracy_m         DOUBLE PRECISION,
    datum              TEXT NOT NULL,
    severity           TEXT NOT NULL,
    state              TEXT NOT NULL,
    is_open            BIGINT NOT NULL,
    clock_runs         BIGINT NOT NULL,
    reporter_id        BIGINT NOT NULL,
    reported_at        BIGINT NOT NULL,
    received_at        BIGINT NOT NULL,
    assignee_id        BIGINT,
    due_at             BIGINT,
    extensions         BIGINT NOT NULL,
    priority           BIGINT NOT NULL,
    supervision_level  TEXT,
    supervision_number TEXT,
    supervision_due_at BIGINT,
    duplicate_of       TEXT,
    recurrence_of      TEXT,
    is_undecided       BIGINT NOT NULL,
    is_asked           BIGINT NOT NULL,
    self_handled       BIGINT NOT NULL,
    closed_at          BIGINT,
    touched_at         BIGINT NOT NULL,
    thumbnail          TEXT,
    photo_count        BIGINT NOT NULL,
    responsible_ids    TEXT NOT NULL,
    search             TEXT NOT NULL
);
CREATE INDEX issues_by_state ON issues (state, due_at, issue_id);
CREATE INDEX issues_by_zone ON issues (zone_id, state, due_at);
CREATE INDEX issues_by_report ON issues (reported_at);
CREATE INDEX issues_undecided ON issues (is_undecided, issue_id);

CREATE TABLE steps (
    issue_id    TEXT NOT NULL,
    step_id     TEXT NOT NULL,
    position    BIGINT NOT NULL,
    action      TEXT NOT NULL,
    from_state  TEXT,
    to_state    TEXT,
    by_id       BIGINT NOT NULL,
    occurred_at BIGINT NOT NULL,
    received_at BIGINT,
    reason      TEXT NOT NULL,
    until_at    BIGINT,
    adopted_by  BIGINT,
    PRIMARY KEY (issue_id, step_id)
);

CREATE TABLE remarks (
    issue_id    TEXT NOT NULL,
    remark_id   TEXT NOT NULL,
    position    BIGINT NOT NULL,
    by_id       BIGINT NOT NULL,
    occurred_at BIGINT NOT NULL,
    received_at BIGINT,
    text        TEXT NOT NULL,
    adopted_by  BIGINT,
    PRIMARY KEY (issue_id, remark_id)
);

CREATE TABLE photos (
    issue_id  TEXT NOT NULL,
    sha256    TEXT NOT NULL,
    thumbnail TEXT,
    stage     TEXT NOT NULL,
    by_id     BIGINT NOT NULL,
    taken_at  BIGINT NOT NULL,
    width     BIGINT NOT NULL,
    height    BIGINT NOT NULL,
    size      BIGINT NOT NULL,
    mime      TEXT NOT NULL,
    PRIMARY KEY (issue_id, sha256)
);
CREATE INDEX photos_by_sha ON photos (sha256);
CREATE INDEX photos_by_thumbnail ON photos (thumbnail);

CREATE TABLE responsible (
    issue_id  TEXT NOT NULL,
    person_id BIGINT NOT NULL,
    part      TEXT NOT NULL,
    PRIMARY KEY (issue_id, person_id)
);

CREATE TABLE conflicts (
    issue_id TEXT NOT NULL,
    field    TEXT NOT NULL,
    rank     BIGINT NOT NULL,
    value    TEXT NOT NULL,
    by_id    BIGINT,
    at       BIGINT,
    PRIMARY KEY (issue_id, field, rank)
);

-- 问题清单: the list as the office reads it, one line an issue.
CREATE VIEW problem_list AS
SELECT i.number, z.name AS zone, i.kind_name AS kind, i.place_type, i.address, i.landmark, i.description, i.state,
       r.name AS reporter, i.reported_at, a.name AS assignee, i.due_at, i.closed_at, i.supervision_level, i.is_undecided
FROM issues i
JOIN zones z ON z.id = i.zone_id
JOIN people r ON r.id = i.reporter_id
LEFT JOIN people a ON a.id = i.assignee_id;

-- Open and closed issues of each zone.
CREATE VIEW zone_counts AS
SELECT z.id AS zone_id, z.name AS zone, COUNT(i.issue_id) AS issues, COALESCE(SUM(i.is_open), 0) AS open_issues
FROM zones z LEFT JOIN issues i ON i.zone_id = z.id
GROUP BY z.id, z.name;
