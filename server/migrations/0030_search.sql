-- Which signs, pairs and triples of signs stand in the text of an issue, so that what few issues have is found without reading them
-- all. A word that is searched for is cut alike; whatever has all its parts is then asked for the word itself. Filled at start.
CREATE TABLE search_rows (
    -- Stays when the database is copied, which a rowid of its own does not.
    id       INTEGER NOT NULL PRIMARY KEY,
    issue_id TEXT NOT NULL UNIQUE
);
CREATE VIRTUAL TABLE search_grams USING fts5 (grams, content = '', contentless_delete = 1, detail = none, tokenize = ascii);
