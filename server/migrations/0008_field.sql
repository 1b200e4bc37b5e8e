-- What people in the street write beside the steps: contacts with residents, merged duplicates, recurrences, appeals.

-- The issue that stays, where this one was merged into it (并案); and how an appeal (申诉) stands: asked, granted, refused.
ALTER TABLE issues ADD COLUMN merged_into TEXT;
ALTER TABLE issues ADD COLUMN appeal TEXT;
CREATE INDEX issues_merged ON issues (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX issues_recurring ON issues (recurrence_of) WHERE recurrence_of IS NOT NULL;
CREATE INDEX issues_asked ON issues (reported_at DESC, issue_id) WHERE is_asked = 1;

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
