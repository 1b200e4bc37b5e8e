-- Boards and lists of a million issues: counters that the projection keeps, indexes for the order of every list, and what
-- indicators and settlement ask of each issue. The largest number stands for: no deadline.

ALTER TABLE issues ADD COLUMN handed_in_at BIGINT;
ALTER TABLE issues ADD COLUMN reworks BIGINT NOT NULL DEFAULT 0;
-- When the office received the step that ended the issue: `closed_at` is what the phone said.
ALTER TABLE issues ADD COLUMN closed_received_at BIGINT;
UPDATE issues SET
    handed_in_at = (SELECT s.occurred_at FROM steps s WHERE s.issue_id = issues.issue_id
                    AND s.action IN ('hand_in', 'fix_on_spot') ORDER BY s.position DESC LIMIT 1),
    reworks = (SELECT COUNT(*) FROM steps s WHERE s.issue_id = issues.issue_id AND s.action = 'rework'),
    closed_received_at = CASE WHEN is_open = 0 THEN (SELECT s.received_at FROM steps s
                    WHERE s.issue_id = issues.issue_id ORDER BY s.position DESC LIMIT 1) END;

-- How many issues there are of each sort; every unfiltered count is a sum over it.
CREATE TABLE tallies (
    zone_id     BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    place_type  TEXT NOT NULL,
    state       TEXT NOT NULL,
    issue_count BIGINT NOT NULL,
    PRIMARY KEY (zone_id, kind, place_type, state)
);
INSERT INTO tallies SELECT zone_id, kind, place_type, state, COUNT(*) FROM issues GROUP BY zone_id, kind, place_type, state;

-- How many issues each person has in charge, as assignee or among the responsible: each counts once.
CREATE TABLE person_tallies (
    person_id   BIGINT NOT NULL,
    zone_id     BIGINT NOT NULL,
    state       TEXT NOT NULL,
    issue_count BIGINT NOT NULL,
    PRIMARY KEY (person_id, zone_id, state)
);
INSERT INTO person_tallies
SELECT c.person_id, i.zone_id, i.state, COUNT(*) FROM issues i
JOIN (SELECT issue_id, assignee_id AS person_id FROM issues WHERE assignee_id IS NOT NULL
      UNION SELECT issue_id, person_id FROM responsible) c ON c.issue_id = i.issue_id
GROUP BY c.person_id, i.zone_id, i.state;

DROP INDEX issues_by_state;
DROP INDEX issues_by_zone;
DROP INDEX issues_by_report;
DROP INDEX issues_undecided;

-- What is to do is looked at by deadline, what is done by date.
CREATE INDEX issues_by_deadline ON issues (COALESCE(due_at, 9223372036854775807), issue_id) WHERE is_open = 1;
CREATE INDEX issues_by_state_deadline ON issues (state, COALESCE(due_at, 9223372036854775807), issue_id) WHERE is_open = 1;
CREATE INDEX issues_by_state ON issues (state, reported_at DESC, issue_id);
CREATE INDEX issues_by_zone ON issues (zone_id, state, reported_at DESC, issue_id);
CREATE INDEX issues_by_kind ON issues (kind, state, reported_at DESC, issue_id);
CREATE INDEX issues_by_place_type ON issues (place_type, state, reported_at DESC, issue_id);
CREATE INDEX issues_by_assignee ON issues (assignee_id, issue_id);
CREATE INDEX issues_by_reporter ON issues (reporter_id, reported_at DESC, issue_id);
CREATE INDEX responsible_by_person ON responsible (person_id, issue_id);
-- Counts within a span of time come from these alone, without the rows.
CREATE INDEX issues_by_report ON issues (reported_at DESC, issue_id, state, zone_id, kind, place_type);
CREATE INDEX issues_by_close ON issues (closed_at, state, zone_id, kind, place_type) WHERE is_open = 0;
CREATE INDEX issues_by_due ON issues (due_at, zone_id, state);
CREATE INDEX issues_running ON issues (due_at, zone_id, kind, place_type, state, assignee_id) WHERE clock_runs = 1;
CREATE INDEX issues_pressed ON issues (supervision_level, state) WHERE supervision_level IS NOT NULL;
CREATE INDEX issues_undecided ON issues (issue_id) WHERE is_undecided = 1;
