-- Every number of a 督办单 that an issue ever had, also after it was pressed anew under another one: a number is proposed once and stands
-- for one issue. Written with the rows of the issue and never taken away.
CREATE TABLE supervision_numbers (
    number   TEXT NOT NULL,
    issue_id TEXT NOT NULL,
    PRIMARY KEY (number, issue_id)
);
INSERT INTO supervision_numbers (number, issue_id)
SELECT TRIM(supervision_number), issue_id FROM issues WHERE TRIM(COALESCE(supervision_number, '')) <> '';
