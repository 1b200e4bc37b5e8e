-- Lists of a million issues, each read in its own order from one index that holds what filters ask of a row: the open by
-- deadline, all by their report. Counts come from the same two. What no list reads any more is not kept.

DROP INDEX issues_by_deadline;
DROP INDEX issues_by_state_deadline;
DROP INDEX issues_by_state;
DROP INDEX issues_by_zone;
DROP INDEX issues_by_kind;
DROP INDEX issues_by_place_type;
DROP INDEX issues_by_report;
DROP INDEX issues_running;
DROP INDEX issues_undecided;

CREATE INDEX issues_by_deadline ON issues (COALESCE(due_at, 9223372036854775807), issue_id, state, zone_id, kind, place_type,
    assignee_id, responsible_ids, supervision_level, reported_at) WHERE is_open = 1;
CREATE INDEX issues_by_report ON issues (reported_at DESC, issue_id, state, zone_id, kind, place_type, closed_at);
-- Not touched by a change of state.
CREATE INDEX issues_by_sort ON issues (zone_id, kind, place_type, reported_at DESC, issue_id);
CREATE INDEX issues_undecided ON issues (reported_at DESC, issue_id) WHERE is_undecided = 1;

-- Coarser counters beside `tallies`, which is asked only where kind and place type meet.
CREATE TABLE kind_tallies (
    zone_id     BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    state       TEXT NOT NULL,
    issue_count BIGINT NOT NULL,
    PRIMARY KEY (zone_id, kind, state)
);
INSERT INTO kind_tallies SELECT zone_id, kind, state, COUNT(*) FROM issues GROUP BY zone_id, kind, state;

CREATE TABLE place_tallies (
    zone_id     BIGINT NOT NULL,
    place_type  TEXT NOT NULL,
    state       TEXT NOT NULL,
    issue_count BIGINT NOT NULL,
    PRIMARY KEY (zone_id, place_type, state)
);
INSERT INTO place_tallies SELECT zone_id, place_type, state, COUNT(*) FROM issues GROUP BY zone_id, place_type, state;

-- How a phone said that it is.
ALTER TABLE devices ADD COLUMN oldest_unsent BIGINT;
ALTER TABLE devices ADD COLUMN photos BIGINT NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN storage BIGINT NOT NULL DEFAULT 0;

-- 今日提示: notices of the office, for the zones of a list or, where it is empty, for everybody.
CREATE TABLE bulletins (
    id           BIGINT NOT NULL PRIMARY KEY,
    text         TEXT NOT NULL,
    zone_ids     TEXT NOT NULL,
    until_at     BIGINT NOT NULL,
    made_at      BIGINT NOT NULL,
    made_by      BIGINT NOT NULL,
    withdrawn_at BIGINT
);

CREATE TABLE bulletin_reads (
    bulletin BIGINT NOT NULL,
    person   BIGINT NOT NULL,
    read_at  BIGINT NOT NULL,
    PRIMARY KEY (bulletin, person)
);
