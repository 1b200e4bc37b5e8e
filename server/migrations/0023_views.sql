-- Saved views of a person: addresses under names of his own, as one text, because they are only ever read and written whole.
CREATE TABLE saved_views (
    person BIGINT NOT NULL PRIMARY KEY REFERENCES people (id),
    views  TEXT NOT NULL
);
