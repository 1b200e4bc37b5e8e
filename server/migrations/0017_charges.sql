-- Who has an issue in charge, as assignee or among the responsible, with what lists of one person are ordered and filtered by: the
-- first page of somebody's list is read in its order, however many issues he has.
CREATE TABLE charges (
    issue_id    TEXT NOT NULL,
    person_id   BIGINT NOT NULL,
    zone_id     BIGINT NOT NULL,
    state       TEXT NOT NULL,
    is_open     BIGINT NOT NULL,
    due_at      BIGINT,
    reported_at BIGINT NOT NULL,
    PRIMARY KEY (issue_id, person_id)
);
INSERT INTO charges (issue_id, person_id, zone_id, state, is_open, due_at, reported_at)
SELECT i.issue_id, c.person_id, i.zone_id, i.state, i.is_open, i.due_at, i.reported_at FROM issues i
JOIN (SELECT issue_id, assignee_id AS person_id FROM issues WHERE assignee_id IS NOT NULL
      UNION SELECT issue_id, person_id FROM responsible) c ON c.issue_id = i.issue_id;
CREATE INDEX charges_by_deadline ON charges (person_id, COALESCE(due_at, 9223372036854775807), issue_id, state, zone_id) WHERE is_open = 1;
CREATE INDEX charges_by_report ON charges (person_id, reported_at DESC, issue_id, state, zone_id);
DROP INDEX responsible_by_person;
