-- Whether what was booked came late is what was known when the month was frozen, and is told by it ever after, whatever is heard of the
-- issue since. Postings of before say neither.
ALTER TABLE postings ADD COLUMN entered_late BIGINT;
ALTER TABLE postings ADD COLUMN ended_late BIGINT;
