-- 宣传劝导: notes of contacts with residents, written beside the remarks of an issue. Without anybody's name.
CREATE TABLE contacts (
    issue_id    TEXT NOT NULL,
    contact_id  TEXT NOT NULL,
    position    BIGINT NOT NULL,
    by_id       BIGINT NOT NULL,
    -- When it took place, and when the phone wrote it down.
    occurred_at BIGINT NOT NULL,
    written_at  BIGINT NOT NULL,
    received_at BIGINT,
    manner      TEXT NOT NULL,
    result      TEXT NOT NULL,
    text        TEXT NOT NULL,
    adopted_by  BIGINT,
    PRIMARY KEY (issue_id, contact_id)
);
CREATE INDEX contacts_by_time ON contacts (occurred_at, issue_id);
